// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import EngineAPI
internal import JSON
internal import Linux
internal import Shim

/// The few things the daemon itself does to containers' control groups. Blocking.
enum CgroupAccess {
    static func group(_ id: String, _ services: Services) throws -> any Cgroup {
        try Cgroups.group(at: path(id, services))
    }

    /// As the container's record has it; of one without, as its start had it.
    private static func path(_ id: String, _ services: Services) -> String {
        let configuration = services.configuration
        if let record = services.table.entry(id: id)?.record { return configuration.cgroupPath(of: record) }
        let file = "\(configuration.runDirectory(id))/\(ShimConfiguration.FileName.specification)"
        let document = try? JSON.parse(HostPath.read(file, limit: 16 << 20))
        return document?["linux"]?["cgroupsPath"]?.string ?? configuration.cgroupPath(id)
    }

    static func setFrozen(_ frozen: Bool, _ id: String, _ services: Services) throws {
        try group(id, services).setFrozen(frozen)
    }

    static func processes(_ id: String, _ services: Services) throws -> [Int32] {
        try group(id, services).processes()
    }

    /// Ends whatever a killed supervisor left running.
    static func killAndRemove(_ id: String, _ services: Services) throws {
        let group = try group(id, services)
        if (try? group.isFrozen()) == true {
            // A frozen process of cgroup v1 does not see SIGKILL before it is thawed.
            try? group.kill(Signals.kill)
            try? group.setFrozen(false)
        }
        try group.kill(Signals.kill)
        try group.remove()
    }
}
