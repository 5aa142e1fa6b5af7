// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import JSON
package import Linux
package import Logging
package import MetadataStore
package import Shim
internal import Synchronization

/// The networks of this host and every container's place in them.
///
/// The story of one run: `validate` at create; at start `plan`, which decides and reserves everything and changes
/// nothing, then `apply`, which makes the namespace, the cable and the published ports; `release` when the container
/// has ended or could not be started. A new daemon calls `start`, then `adopt` with the containers that live.
package final class Networks: Sendable {
    let configuration: NetworkConfiguration
    let metadata: MetadataStore
    let records: Table<NetworkRecord>
    /// What every container has, from before its first effect until all is given back: also what IPAM remembers.
    let sandboxes: Table<SandboxPlan>
    let holder: PortHolder
    let logger: Logger
    let state = Mutex(State())

    struct State {
        /// nil before `start`.
        var filter: PacketFilter?
        /// nil with `--bridge none`.
        var bridge: Bridge?
        var hasIPv6 = false
        var ports = PortTable()
        var plans: [String: SandboxPlan] = [:]
        /// Those of `plans` that are carried out.
        var applied: Set<String> = []
    }

    /// The default network at work.
    struct Bridge {
        var network: NetworkRecord
        var record: BridgeRecord
        /// The interface's number.
        var index: Int32
        var pool: AddressPool
    }

    /// Reads what is stored; changes nothing on the host.
    package init(
        metadata: MetadataStore, configuration: NetworkConfiguration, launcher: ShimLauncher, logger: Logger
    ) throws(EngineError) {
        self.metadata = metadata
        self.configuration = configuration
        self.logger = logger
        holder = PortHolder(directory: configuration.execRoot, launcher: launcher, logger: logger)
        do {
            records = try metadata.table("networks", of: NetworkRecord.self)
            sandboxes = try metadata.table("sandboxes", of: SandboxPlan.self)
        } catch {
            throw EngineError(.system, "failed to read the stored networks: \(error)", cause: error)
        }
    }

    /// Makes the default bridge, where it is not there yet, and the packet filter's base. To be called once, first.
    package func start() async throws(EngineError) {
        try await blocking { () throws(EngineError) in try self.startBlocking() }
    }

    /// Gives netd's connection up; containers go on. netd ends if it holds nothing.
    package func stop() { holder.close() }

    /// Runs `body` on the blocking pool.
    func blocking<T: Sendable>(
        key: String? = nil, _ body: @escaping @Sendable () throws(EngineError) -> T
    ) async throws(EngineError) -> T {
        do {
            return try await BlockingPool.shared.run(key: key, body)
        } catch let error as EngineError {
            throw error
        } catch {
            throw EngineError(.system, "\(error)", cause: error)
        }
    }

    /// Stores or deletes what a container has. Survives a crash of the daemon; after the machine's, nothing is left
    /// anyway.
    func store(_ containerID: String, _ plan: SandboxPlan?) throws(EngineError) {
        do {
            try metadata.write(durability: .normal) { transaction in
                if let plan {
                    try transaction.put(sandboxes, containerID, plan)
                } else {
                    try transaction.delete(sandboxes, containerID)
                }
            }
        } catch {
            throw EngineError(.system, "failed to store the network state of \(containerID): \(error)", cause: error)
        }
    }

    /// What a running container has; nil when it has nothing.
    package func sandbox(of containerID: String) -> Sandbox? {
        let plan = state.withLock { $0.applied.contains(containerID) ? $0.plans[containerID] : nil }
        return plan.map { sandbox($0) }
    }

    func sandbox(_ plan: SandboxPlan, namespace: SharedDescriptor? = nil) -> Sandbox {
        Sandbox(
            plan: plan, networkNamespace: namespace, key: namespacePath(plan), networks: endpoints(plan),
            ports: plan.portMap)
    }

    /// The default bridge's address: what `host-gateway` stands for, whatever network a container is in.
    package var hostGateway: IPv4Address? { state.withLock { $0.bridge?.record.address.address } }

    func namespacePath(_ plan: SandboxPlan) -> String {
        if case .container = plan.attachment { return "" }
        let name = plan.attachment == .host ? "default" : String(plan.sandboxID.prefix(12))
        return "\(configuration.execRoot)/netns/\(name)"
    }
}

extension SandboxPlan {
    /// `NetworkSettings.Ports`: what is published, and `null` for what is only exposed.
    var portMap: PortMap {
        guard endpoint != nil else { return [:] }
        var map: PortMap = [:]
        for port in exposed { map[port] = .some(nil) }
        for port in ports {
            var list = (map[port.container] ?? nil) ?? []
            list += port.hostIPs.map { PortBinding(hostIP: $0, hostPort: "\(port.hostPort)") }
            map[port.container] = list
        }
        return map
    }
}
