// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Linux
internal import OCI
internal import OCIRuntime

/// A container as its shim sees it, whatever runtime made it. Its processes are the shim's children, who reaps them.
///
/// The story of one: it is created, and its process waits → `start` → `exec`, `signal`, … → the shim reaps the process
/// → `delete`.
protocol SupervisedContainer: AnyObject {
    /// Of the first process, on the host.
    var pid: Int32 { get }
    /// nil: it has none of its own.
    var cgroup: (any Cgroup)? { get }
    /// The first process's terminal; once.
    func takeTerminal() -> FileDescriptor?
    func start() throws
    func signal(_ number: Int32) throws
    /// Signals every process of the container.
    func signalAll(_ number: Int32) throws
    func exec(_ process: RuntimeSpec.Process, streams: ProcessStreams) throws -> SupervisedProcess
    /// Removes what is left, after the first process was reaped.
    func delete() throws
}

/// A process that `exec` started.
struct SupervisedProcess: ~Copyable {
    let pid: Int32
    let pidfd: FileDescriptor
    var terminal: FileDescriptor?
}

/// The runtime that is part of this program.
final class BuiltInContainer: SupervisedContainer {
    private let container: Container
    private let filterCache: String

    init(_ request: consuming ContainerRequest) throws {
        filterCache = request.filterCache ?? ""
        container = try Container.create(request)
    }

    var pid: Int32 { container.process.pid }
    var cgroup: (any Cgroup)? { container.cgroup }
    func takeTerminal() -> FileDescriptor? { container.process.terminal.take() }
    func start() throws { try container.start() }
    func signal(_ number: Int32) throws { try container.signal(number) }
    func signalAll(_ number: Int32) throws { try container.signalAll(number) }
    func delete() throws { try container.delete() }

    func exec(_ process: RuntimeSpec.Process, streams: ProcessStreams) throws -> SupervisedProcess {
        var started = try container.exec(process, streams: streams, filterCache: filterCache)
        let terminal = started.terminal.take()
        return SupervisedProcess(pid: started.pid, pidfd: try started.pidfd.duplicate(), terminal: terminal)
    }
}
