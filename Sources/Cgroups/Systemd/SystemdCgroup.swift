// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import OCI

/// A group that systemd makes and looks after: a transient scope, delegated to the container. What is done with its
/// files, and below it, is done as in any other.
///
/// systemd moves the process in, so that the group is made after the fork.
package final class SystemdCgroup: Cgroup {
    private let unit: SystemdUnit
    private let group: CgroupV2
    private var connection: SystemdManager?

    package let isForkedInto = false
    package var path: String { unit.path }
    package var place: CgroupPlace { .systemd(unit) }
    package var directories: [(name: String, path: String)] { group.directories }

    init(_ unit: SystemdUnit, root: String) {
        self.unit = unit
        group = CgroupV2(path: unit.path, root: root)
    }

    /// Throws where there is no systemd that could make a group for us: said before anything is begun.
    package static func probe() throws(CgroupError) {
        guard geteuid() == 0 else {
            throw CgroupError("the systemd cgroup driver needs root: a user's own systemd is not supported")
        }
        try SystemdManager.probe()
    }

    private func manager() throws(CgroupError) -> SystemdManager {
        if let connection { return connection }
        let made = try SystemdManager.connect()
        connection = made
        return made
    }

    package func make(around pid: Int32?) throws(CgroupError) {
        guard let pid else { throw CgroupError("a scope of systemd's is made around a process") }
        let manager = try manager()
        try manager.startScope(
            unit.name,
            properties: [
                ("Description", .string("container \(unit.name)")), ("Slice", .string(unit.slice)),
                ("PIDs", .array(of: "u", [.uint32(UInt32(bitPattern: pid))])),
                // The files below are the container's, and ours; systemd leaves them alone.
                ("Delegate", .boolean(true)),
                // Or it would be stopped early when the machine is, before what manages the containers.
                ("DefaultDependencies", .boolean(false)),
                ("CollectMode", .string("inactive-or-failed")), ("MemoryAccounting", .boolean(true)),
                ("CPUAccounting", .boolean(true)), ("IOAccounting", .boolean(true)),
                ("TasksAccounting", .boolean(true)),
                // systemd has a limit of its own where none is said.
                ("TasksMax", .uint64(.max)),
            ])
        guard try group.processes().contains(pid) else {
            try? manager.stop(unit.name)
            throw CgroupError("systemd has not put the process into \(unit.path)")
        }
    }

    package func apply(_ resources: RuntimeSpec.Resources) throws(CgroupError) {
        // FIRST the files: what the kernel or this runtime refuses, systemd is not told.
        try group.apply(resources)
        var limits = resources
        limits.devices = nil
        guard limits != .init() else { return }
        let directory = group.directory
        let properties = SystemdLimits.properties { try? HostFile.read("\(directory)/\($0)") }
        try manager().setProperties(unit.name, properties)
        // systemd has written all that it knows of the controllers it was told about.
        try group.apply(limits)
    }

    package func remove() throws(CgroupError) {
        try manager().stop(unit.name)
        try group.remove()
    }

    // MARK: As in any group

    package func entrance(beside pid: Int32?, subgroups: [String]) throws(CgroupError) -> CgroupEntrance {
        try group.entrance(beside: pid, subgroups: subgroups)
    }

    package func processes() throws(CgroupError) -> [Int32] { try group.processes() }
    package func setFrozen(_ frozen: Bool) throws(CgroupError) { try group.setFrozen(frozen) }
    package func isFrozen() throws(CgroupError) -> Bool { try group.isFrozen() }
    package func kill(_ signal: Int32) throws(CgroupError) { try group.kill(signal) }
    package func statistics() -> CgroupStatistics { group.statistics() }
    package func outOfMemoryKills() -> UInt64 { group.outOfMemoryKills() }
    package func memoryEvents() throws(CgroupError) -> MemoryEvents? { try group.memoryEvents() }
}
