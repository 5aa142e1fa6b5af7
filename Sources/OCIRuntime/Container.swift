// SPDX-License-Identifier: Apache-2.0

package import Cgroups
internal import Linux
package import OCI

/// A container: its first process and its cgroup. Used from one thread.
///
/// The story of one: `create` (the process is there, set up, and waits) → `start` (it executes its program) → `exec`,
/// `signal`, … → the caller reaps `process` → `delete`.
package final class Container {
    package let id: String
    package let specification: Specification
    package var process: StartedProcess
    package let cgroup: any Cgroup
    private var gate: FileDescriptor?

    init(
        id: String, specification: Specification, process: consuming StartedProcess, cgroup: any Cgroup,
        gate: consuming FileDescriptor?
    ) {
        self.id = id
        self.specification = specification
        self.process = process
        self.cgroup = cgroup
        self.gate = gate
    }

    /// Makes the container; its process waits at the gate. On failure nothing of it is left.
    ///
    /// - Throws: `.notFound`, `.notExecutable` for the program; `.unsupported` for what the specification asks for and
    ///   Wharf does not have.
    package static func create(_ request: consuming ContainerRequest) throws(RuntimeError) -> Container {
        throw RuntimeError(.unsupported, "create")
    }

    /// Lets the process go on to its program. A failed execve(2) after this is the program's own failure: its text goes
    /// to the container's standard error, and the exit code is 255, as runc has it.
    package func start() throws(RuntimeError) {
        throw RuntimeError(.unsupported, "start")
    }

    /// Starts a further process in the container and waits until it executes its program.
    package func exec(
        _ process: RuntimeSpec.Process, streams: consuming ProcessStreams, filterCache: String? = nil
    ) throws(RuntimeError) -> StartedProcess {
        throw RuntimeError(.unsupported, "exec")
    }

    /// Signals the container's first process.
    package func signal(_ number: Int32) throws(RuntimeError) {
        try step("signalling container") { () throws(Errno) in try process.pidfd.signalProcess(number) }
    }

    /// Signals every process of the container's cgroup.
    package func signalAll(_ number: Int32) throws(RuntimeError) {
        throw RuntimeError(.unsupported, "signalAll")
    }

    /// Freezes, or thaws, every process of the container.
    package func setFrozen(_ frozen: Bool) throws(RuntimeError) {
        throw RuntimeError(.unsupported, "pause")
    }

    /// Kills what is left of the container and removes its cgroup. After the first process was reaped.
    package func delete() throws(RuntimeError) {
        throw RuntimeError(.unsupported, "delete")
    }
}
