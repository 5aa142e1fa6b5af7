// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCIRuntime

/// The supervisor's ends of a process's standard streams.
struct StdioEnds {
    var isTerminal = false
    var input: SharedDescriptor?
    var output: SharedDescriptor?
    var error: SharedDescriptor?

    /// Makes pipes for the streams that are connected. What the process gets of the others is /dev/null. Its ends
    /// belong to `uid`, so that it may open /dev/stdout anew.
    mutating func makePipes(input: Bool, output: Bool, error: Bool, uid: UInt32) throws(Errno) -> ProcessStreams {
        let processInput: FileDescriptor
        if input {
            let pipe = try Pipe()
            processInput = try pipe.readEnd.duplicate()
            self.input = SharedDescriptor(try pipe.writeEnd.duplicate())
            try processInput.setOwner(uid: uid, gid: .max)
        } else {
            processInput = try FileDescriptor.open("/dev/null", O_RDONLY)
        }
        let processOutput = try Self.makeOutput(output, uid, &self.output)
        let processError = try Self.makeOutput(error, uid, &self.error)
        return .files(
            input: SharedDescriptor(processInput), output: SharedDescriptor(processOutput),
            error: SharedDescriptor(processError))
    }

    /// The supervisor's side of a terminal: one descriptor to read, another to write.
    init(terminal: consuming FileDescriptor) throws(Errno) {
        isTerminal = true
        input = SharedDescriptor(try terminal.duplicate())
        output = SharedDescriptor(terminal)
    }

    init() {}

    private static func makeOutput(
        _ isConnected: Bool, _ uid: UInt32, _ ours: inout SharedDescriptor?
    ) throws(Errno) -> FileDescriptor {
        guard isConnected else { return try FileDescriptor.open("/dev/null", O_WRONLY) }
        let pipe = try Pipe()
        ours = SharedDescriptor(try pipe.readEnd.duplicate())
        let process = try pipe.writeEnd.duplicate()
        try process.setOwner(uid: uid, gid: .max)
        return process
    }
}
