// SPDX-License-Identifier: Apache-2.0

package import Cgroups
internal import Glibc
internal import Linux
package import OCI

/// A container: its first process and its cgroup. Used from one thread.
///
/// The story of one: `create` (the process is there, set up, and waits) → `start` (it executes its program) → `exec`,
/// `signal`, … → the caller reaps `process` → `delete`.
package final class Container {
    package let id: String
    package let specification: Specification
    package let bundle: String
    package var process: StartedProcess
    /// nil: the container stays in the caller's.
    package private(set) var cgroup: (any Cgroup)?
    private var gate: FileDescriptor?
    /// Open until the container is on record, or until its program is executed, where hooks may fail before.
    private var link: Link?
    /// Those that run while the container is created.
    var hooksHaveBegun = false

    init(
        id: String, specification: Specification, bundle: String, process: consuming StartedProcess,
        cgroup: (any Cgroup)?, gate: consuming FileDescriptor?
    ) {
        self.id = id
        self.specification = specification
        self.bundle = bundle
        self.process = process
        self.cgroup = cgroup
        self.gate = gate
    }

    /// A container that another process created and that runs: for `exec`, `signal`, `delete`.
    package convenience init(
        id: String, specification: Specification, bundle: String, pid: Int32, cgroup: CgroupPlace?
    ) throws(RuntimeError) {
        let pidfd = try step("container \(id)") { () throws(Errno) in try FileDescriptor.process(pid) }
        self.init(
            id: id, specification: specification, bundle: bundle, process: StartedProcess(pid: pid, pidfd: pidfd),
            cgroup: try Container.cgroup(at: cgroup), gate: nil)
    }

    /// None could be made, and none is needed.
    func forgetCgroup() { cgroup = nil }

    static func cgroup(at place: CgroupPlace?) throws(RuntimeError) -> (any Cgroup)? {
        guard let place else { return nil }
        return try cgroupStep { () throws(CgroupError) in try Cgroups.group(at: place) }
    }

    /// Lets the process go on to its program. A failed execve(2) after this is the program's own failure: its text goes
    /// to the container's standard error, and the exit code is 255, as runc has it.
    package func start() throws(RuntimeError) {
        switch gate.take() {
        case .some(let gate):
            try step("starting container") { () throws(Errno) in try gate.writeAll([1]) }
        case .none:
            throw RuntimeError(.invalid, "cannot start a container that has been started")
        }
        if let link {
            self.link = nil
            if let packet = try link.receive() { throw RuntimeError(report: packet.bytes) }
        }
        try runPoststartHooks()
    }

    /// After a creation that failed: the container is at the end of its life all the same (runtime.md#lifecycle).
    func endHooks() {
        guard hooksHaveBegun, let hooks = specification.spec.hooks?.poststop else { return }
        Hooks.runAll(hooks, "poststop", Container.state(id, specification, bundle, .stopped, pid: nil))
    }

    func keepsLink(_ link: Link, ofNamedGate named: Bool) {
        if named || specification.spec.hooks?.startContainer?.isEmpty == false { self.link = link }
    }

    /// For a container with a named gate: it has been written down that it exists, so its process need not end with
    /// this program any more.
    package func isOnRecord() throws(RuntimeError) {
        try link?.send(.recorded)
        link = nil
    }

    /// A hook that fails stops the container, which runs already (runtime.md#lifecycle).
    package func runPoststartHooks() throws(RuntimeError) {
        do throws(RuntimeError) {
            try Hooks.run(specification.spec.hooks?.poststart ?? [], "poststart", state(.running))
        } catch {
            try? signal(SIGKILL)
            throw error
        }
    }

    /// Signals the container's first process.
    package func signal(_ number: Int32) throws(RuntimeError) {
        try step("signalling container") { () throws(Errno) in try process.pidfd.signalProcess(number) }
    }

    /// Signals every process of the container's cgroup.
    package func signalAll(_ number: Int32) throws(RuntimeError) {
        guard let cgroup else { return try signal(number) }
        try cgroupStep { () throws(CgroupError) in try cgroup.kill(number) }
    }

    /// Freezes, or thaws, every process of the container.
    package func setFrozen(_ frozen: Bool) throws(RuntimeError) {
        guard let cgroup else { throw RuntimeError(.unsupported, "a container without a cgroup can't be paused") }
        try cgroupStep { () throws(CgroupError) in try cgroup.setFrozen(frozen) }
    }

    /// Whether its processes are frozen.
    package func isFrozen() throws(RuntimeError) -> Bool {
        guard let cgroup else { return false }
        return try cgroupStep { () throws(CgroupError) in try cgroup.isFrozen() }
    }

    /// What the container uses.
    package func statistics() throws(RuntimeError) -> CgroupStatistics {
        guard let cgroup else { throw RuntimeError(.unsupported, "a container without a cgroup has no statistics") }
        return cgroup.statistics()
    }

    /// A descriptor to wait on for memory events; nil where there is none to be had.
    package func memoryEvents() throws(RuntimeError) -> MemoryEvents? {
        guard let cgroup else { return nil }
        return try cgroupStep { () throws(CgroupError) in try cgroup.memoryEvents() }
    }

    /// Changes limits of the container; what `resources` does not name stays as it is.
    package static func update(_ resources: RuntimeSpec.Resources, cgroup place: CgroupPlace?) throws(RuntimeError) {
        guard let cgroup = try cgroup(at: place) else {
            throw RuntimeError(.unsupported, "a container without a cgroup has no limits")
        }
        try cgroupStep { () throws(CgroupError) in try cgroup.apply(resources) }
    }

    /// The container's processes, on the host; `pid`, its first, stands for those of one without a cgroup.
    package static func processes(cgroup place: CgroupPlace?, pid: Int32) throws(RuntimeError) -> [Int32] {
        guard let cgroup = try cgroup(at: place) else { return [pid] }
        return try cgroupStep { () throws(CgroupError) in try cgroup.processes() }.sorted()
    }

    /// Signals all of them; of a container without a cgroup the first, which `container` finds.
    package static func signalAll(
        _ number: Int32, cgroup place: CgroupPlace?, _ container: () throws(RuntimeError) -> Container
    ) throws(RuntimeError) {
        guard let cgroup = try cgroup(at: place) else { return try container().signal(number) }
        try cgroupStep { () throws(CgroupError) in try cgroup.kill(number) }
    }

    /// Kills what is left of the container and removes its cgroup. After the first process was reaped.
    package func delete() throws(RuntimeError) {
        try Container.removeRemains(id: id, specification: specification, bundle: bundle, cgroup: cgroup?.place)
    }

    /// The same where the first process is long gone.
    package static func removeRemains(
        id: String, specification: Specification, bundle: String, cgroup place: CgroupPlace?
    ) throws(RuntimeError) {
        try removeCgroup(place)
        let hooks = specification.spec.hooks?.poststop ?? []
        Hooks.runAll(hooks, "poststop", state(id, specification, bundle, .stopped, pid: nil))
    }

    /// Removes the cgroup of a container whose create was killed, if nobody is in it within two seconds: somebody else
    /// may have taken it by now. False: somebody is.
    package static func removeEmptyCgroup(_ place: CgroupPlace?) throws(RuntimeError) -> Bool {
        guard let cgroup = try cgroup(at: place) else { return true }
        for _ in 0..<200 {
            if (try? cgroup.processes().isEmpty) != false { break }
            usleep(10_000)
        }
        return try cgroupStep { () throws(CgroupError) in
            guard try cgroup.processes().isEmpty else { return false }
            try cgroup.remove()
            return true
        }
    }

    /// Kills who is in a cgroup, and removes it.
    package static func removeCgroup(_ place: CgroupPlace?) throws(RuntimeError) {
        guard let cgroup = try cgroup(at: place) else { return }
        try cgroupStep { () throws(CgroupError) in
            if try !cgroup.processes().isEmpty { try cgroup.kill(SIGKILL) }
            try cgroup.remove()
        }
    }

    package func state(_ status: RuntimeState.Status) -> RuntimeState {
        Container.state(id, specification, bundle, status, pid: process.pid)
    }

    private static func state(
        _ id: String, _ specification: Specification, _ bundle: String, _ status: RuntimeState.Status, pid: Int32?
    ) -> RuntimeState {
        var state = RuntimeState(
            ociVersion: specification.spec.ociVersion, id: id, status: status, pid: pid, bundle: bundle)
        state.annotations = specification.spec.annotations
        return state
    }
}

func cgroupStep<R: ~Copyable>(_ body: () throws(CgroupError) -> R) throws(RuntimeError) -> R {
    do throws(CgroupError) { return try body() } catch { throw RuntimeError(.system, error.message) }
}
