// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import Shim

/// The run directory, which is the shim's working directory.
struct ShimFiles {
    private static let maximumBytes = 16 << 20

    let path: String

    init() throws(Errno) {
        path = try CurrentProcess.workingDirectory()
    }

    func configuration() throws -> ShimConfiguration {
        try JSON.read(ShimConfiguration.self, from: read(ShimConfiguration.FileName.configuration))
    }

    func specification() throws(Errno) -> [UInt8] { try read(ShimConfiguration.FileName.specification) }

    /// Writes the exit record to a temporary name, then renames it.
    func writeExit(_ record: ExitRecord) throws {
        let name = ShimConfiguration.FileName.exit
        let file = try FileDescriptor.open(name + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
        try file.writeAll(record.json.serialized())
        try file.close()
        if rename(name + ".new", name) != 0 { throw Errno.last("rename", name) }
    }

    /// A directory of the run directory; its path.
    func makeDirectory(_ name: String) throws(Errno) -> String {
        guard mkdir(name, 0o700) == 0 || errno == EEXIST else { throw .last("mkdir", name) }
        return "\(path)/\(name)"
    }

    private func read(_ name: String) throws(Errno) -> [UInt8] {
        try FileDescriptor.open(name, O_RDONLY | O_NOFOLLOW).readAll(limit: Self.maximumBytes)
    }

    /// Adds a line to the shim's own log, which is its standard error.
    static func report(_ message: String) {
        let line = Array("\(message)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
