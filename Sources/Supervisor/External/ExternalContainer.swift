// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import JSON
internal import Linux
internal import OCI
internal import OCIRuntime
internal import Shim

/// A container of another runtime's: made, entered and removed by its command line.
///
/// The runtime's processes end at once; what they leave behind, the container's process and those of `exec`, becomes
/// the shim's child, as the shim is a subreaper.
final class ExternalContainer: SupervisedContainer {
    let pid: Int32
    let cgroup: (any Cgroup)?
    private let id: String
    private let runtime: ExternalRuntime
    private let bundle: ExternalBundle
    private var terminal: FileDescriptor?
    private var execs = 0

    init(
        _ runtime: ExternalRuntime, id: String, bundle: ExternalBundle, streams: ProcessStreams
    ) throws {
        self.id = id
        self.runtime = runtime
        self.bundle = bundle
        let pidFile = "\(runtime.directory)/pid"
        var console = try ExternalConsole(streams, directory: runtime.directory)
        do {
            try runtime.call(
                ["create", "--bundle", bundle.path, "--pid-file", pidFile] + console.flags + [id], streams: streams)
            pid = try ExternalContainer.readPid(pidFile)
            cgroup = try bundle.cgroupPath.map { (path) throws(CgroupError) in try Cgroups.group(at: path) }
            terminal = try console.takeTerminal()
        } catch {
            // Half a container may be left.
            try? runtime.call(["delete", "--force", id])
            bundle.unmount()
            throw error
        }
    }

    func takeTerminal() -> FileDescriptor? { terminal.take() }

    func start() throws { try runtime.call(["start", id]) }

    func signal(_ number: Int32) throws { try runtime.call(["kill", id, "\(number)"]) }

    func signalAll(_ number: Int32) throws { try runtime.call(["kill", "--all", id, "\(number)"]) }

    func exec(_ process: RuntimeSpec.Process, streams: ProcessStreams) throws -> SupervisedProcess {
        execs += 1
        let name = "\(runtime.directory)/exec-\(execs)"
        let (description, pidFile) = ("\(name).json", "\(name).pid")
        defer {
            _ = unlink(description)
            _ = unlink(pidFile)
        }
        try ExternalContainer.write(try JSON.encode(process), to: description)
        var console = try ExternalConsole(streams, directory: runtime.directory)
        try runtime.call(
            ["exec", "--detach", "--process", description, "--pid-file", pidFile] + console.flags + [id],
            streams: streams)
        let pid = try ExternalContainer.readPid(pidFile)
        // A child of ours by now: its pid is not given away before it is reaped.
        let pidfd = try FileDescriptor.process(pid)
        return SupervisedProcess(pid: pid, pidfd: pidfd, terminal: try console.takeTerminal())
    }

    func delete() throws {
        defer { bundle.unmount() }
        try runtime.call(["delete", "--force", id])
    }

    static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws(Linux.Errno) {
        let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
        try file.writeAll(bytes)
        try file.close()
    }

    private static func readPid(_ path: String) throws -> Int32 {
        let bytes = try FileDescriptor.open(path, O_RDONLY).readAll(limit: 64)
        guard let pid = Int32(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }), pid > 1 else {
            throw ShimFailure(.system, "the runtime wrote no process id")
        }
        return pid
    }
}

/// The socket a runtime sends a terminal's master to (`--console-socket`).
struct ExternalConsole: ~Copyable {
    private static let timeoutMilliseconds: Int32 = 5_000

    private var listener: FileDescriptor?
    /// Open as long as the runtime may connect: the socket's path goes through it.
    private var directory: FileDescriptor?
    private let file: String
    let flags: [String]

    /// Makes the socket where `streams` is a terminal.
    init(_ streams: ProcessStreams, directory path: String) throws {
        file = "\(path)/console.sock"
        guard case .terminal = streams else {
            flags = []
            return
        }
        _ = unlink(file)
        // An address holds 107 bytes, and a run directory may be deeper: the path goes through a descriptor.
        let directory = try FileDescriptor.open(path, O_PATH | O_DIRECTORY)
        let address = "/proc/\(getpid())/fd/\(directory.rawValue)/console.sock"
        let listener = try StreamSocket.bind(.unix(address))
        try StreamSocket.listen(listener, backlog: 1)
        flags = ["--console-socket", address]
        self.directory = .some(consume directory)
        self.listener = .some(consume listener)
    }

    /// The terminal that has been sent; nil without one.
    mutating func takeTerminal() throws -> FileDescriptor? {
        guard let listener = listener.take() else { return nil }
        defer { _ = unlink(file) }
        let number = try ExternalConsole.accept(listener)
        let connection = FileDescriptor(owning: number)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
        defer { buffer.deallocate() }
        var packet = try connection.receivePacket(into: buffer)
        guard let terminal = packet.takeDescriptor() else {
            throw ShimFailure(.system, "the runtime sent no terminal")
        }
        try terminal.setCloseOnExec(true)
        return terminal
    }

    private static func accept(_ listener: borrowing FileDescriptor) throws -> Int32 {
        var entries = [PollSet.Entry(listener.rawValue, read: true)]
        try PollSet.wait(&entries, milliseconds: timeoutMilliseconds)
        let number = entries[0].isReadable ? Glibc.accept(listener.rawValue, nil, nil) : -1
        guard number >= 0 else { throw ShimFailure(.system, "the runtime did not connect to its console socket") }
        return number
    }
}
