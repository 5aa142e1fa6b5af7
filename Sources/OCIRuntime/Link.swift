// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// The runtime's and the child's ends of their conversation. A class, as both processes come by it through one fork and
/// each closes what is the other's.
final class Link {
    private var ours: FileDescriptor?
    private var theirs: FileDescriptor?

    init() throws(RuntimeError) {
        let pair = try step("socketpair") { () throws(Linux.Errno) in try MessagePair() }
        pair.split {
            ours = .some($0)
            theirs = .some($1)
        }
    }

    func takeTheirs() throws(RuntimeError) -> FileDescriptor { try theirs.takeOrThrow() }
    func closeOurs() { ours = nil }

    /// `descriptors` go before, each in a packet of its own.
    func send(_ report: Report, _ descriptors: [SharedDescriptor] = []) throws(RuntimeError) {
        do throws(Linux.Errno) {
            for shared in descriptors {
                try ours?.sendPacket([Report.descriptor.rawValue], descriptor: shared.descriptor)
            }
            try ours?.sendPacket([report.rawValue])
        } catch  where error.code == .brokenPipe || error.code == .connectionReset {
            // A child that has failed has said why: `receive` tells.
        } catch {
            throw RuntimeError(error, at: "telling container init")
        }
    }

    /// nil: the child has gone, or has executed its program.
    func receive() throws(RuntimeError) -> Packet? {
        try step("waiting for container init") { () throws(Linux.Errno) in try ours?.receivePacket() ?? nil }
    }
}

/// Both sides of a `StartGate`.
final class Gate {
    private var ours: FileDescriptor?
    private var theirs: FileDescriptor?
    /// Whether who waits at it may outlive the runtime.
    let isNamed: Bool

    init(_ gate: consuming StartGate) throws(RuntimeError) {
        switch consume gate {
        case .pipe:
            isNamed = false
            let pipe = try step("pipe") { () throws(Linux.Errno) in try Pipe() }
            pipe.split {
                theirs = .some($0)
                ours = .some($1)
            }
        case .fifo(let fifo):
            isNamed = true
            theirs = .some(fifo)
        }
    }

    func takeTheirs() throws(RuntimeError) -> FileDescriptor { try theirs.takeOrThrow() }
    func takeOurs() -> FileDescriptor? { ours.take() }
    func closeOurs() { ours = nil }
}

/// A forked child on its way out of a closure.
final class Child {
    private var process: StartedProcess?
    let pid: Int32

    init(_ process: consuming StartedProcess) {
        pid = process.pid
        self.process = consume process
    }

    func take() -> StartedProcess {
        // Invariant: only the maker calls this, once, right after the closure that it had to leave through.
        guard let process = process.take() else { preconditionFailure("taken once, by its maker") }
        return process
    }
}

extension Optional where Wrapped == FileDescriptor {
    fileprivate mutating func takeOrThrow() throws(RuntimeError) -> FileDescriptor {
        guard let descriptor = take() else { throw RuntimeError(.system, "descriptor taken twice") }
        return descriptor
    }
}

extension StartGate {
    mutating func take() -> StartGate {
        var result = StartGate.pipe
        swap(&result, &self)
        return result
    }
}

/// Forks into a pid namespace that exists: the fork's children belong to what the caller has entered, so it enters,
/// forks, and goes back.
enum InPidNamespace {
    static func run<R: ~Copyable>(
        _ path: String?, _ body: () throws(RuntimeError) -> R
    ) throws(RuntimeError) -> R {
        guard let path else { return try body() }
        let target = try step("opening namespace \(path)") { () throws(Linux.Errno) in
            try FileDescriptor.open(path, O_RDONLY)
        }
        return try run(target, body)
    }

    /// `target`: the namespace, or the pidfd of a process in it.
    static func run<R: ~Copyable>(
        _ target: borrowing FileDescriptor, _ body: () throws(RuntimeError) -> R
    ) throws(RuntimeError) -> R {
        let own = try step("opening the pid namespace") { () throws(Linux.Errno) in
            try FileDescriptor.open("/proc/self/ns/pid", O_RDONLY)
        }
        try step("joining the pid namespace") { () throws(Linux.Errno) in try target.enterNamespaces(.pid) }
        defer { try? own.enterNamespaces(.pid) }
        return try body()
    }
}
