// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON
internal import Linux
internal import Logging
internal import MetadataStore
internal import Shim
internal import Synchronization

extension Networks {
    /// AFTER a crash the stored sandboxes still stand for what the kernel has; they are wanted until `adopt` says which
    /// of their containers live, so that no published port is gone for a moment.
    func startBlocking() throws(EngineError) {
        let bridge = try makeBridge()
        let filter = try PacketFilter()
        let plans = sandboxes.all
        state.withLock { state in
            state.filter = filter
            state.bridge = bridge
            state.hasIPv6 = InternetSocket.hasIPv6()
            state.ports = PortTable(ephemeral: KernelSettings.ephemeralPorts())
            for plan in plans.values { state.take(plan) }
        }
        try filter.replace { ruleset in
            if let bridge {
                ruleset.bridges = [.init(name: bridge.record.interface, subnet: bridge.record.address)]
                ruleset.dropsForeignTraffic = bridge.record.routingTurnedOnInBoot != nil
            }
            for plan in plans.values { ruleset.ports.formUnion(plan.translations) }
        }
    }

    private func makeBridge() throws(EngineError) -> Bridge? {
        for (name, driver) in [("bridge", "bridge"), ("host", "host"), ("none", "null")] where records[name] == nil {
            try save(
                NetworkRecord(name: name, id: Identifier.random(), driver: driver, created: .now, bridge: nil))
        }
        guard configuration.bridge != "none", var network = records["bridge"] else { return nil }
        let result = try BridgeSetup(configuration: configuration, known: network.bridge).run()
        if network.bridge != result.record {
            network.bridge = result.record
            try save(network)
        }
        var pool = AddressPool(subnet: result.record.address)
        _ = pool.reserve(result.record.address.address)
        return Bridge(network: network, record: result.record, index: result.index, pool: pool)
    }

    private func save(_ record: NetworkRecord) throws(EngineError) {
        do {
            try metadata.write { try $0.put(records, record.name, record) }
        } catch {
            throw EngineError(.system, "failed to store the network \(record.name): \(error)", cause: error)
        }
    }

    /// Someone deleted the bridge: makes it anew, with the same address.
    func remakeBridge() throws(EngineError) {
        guard let known = state.withLock({ $0.bridge?.record }) else { return }
        logger.warning("the bridge is gone; making it anew", metadata: ["interface": "\(known.interface)"])
        let result = try BridgeSetup(configuration: configuration, known: known).run()
        let plans = state.withLock { state in
            state.bridge?.index = result.index
            return state.applied.compactMap { state.plans[$0] }
        }
        for endpoint in plans.compactMap(\.endpoint) { plugIn(endpoint) }
    }
}

extension Networks.State {
    /// Counts what a stored plan has as taken.
    mutating func take(_ plan: SandboxPlan) {
        plans[plan.containerID] = plan
        if let endpoint = plan.endpoint { _ = bridge?.pool.reserve(endpoint.address.address) }
        for port in plan.ports { _ = ports.reserve(port.hostSpec, at: port.addresses) }
    }

    /// Gives back what a plan has.
    mutating func give(_ plan: SandboxPlan) {
        if let endpoint = plan.endpoint { bridge?.pool.release(endpoint.address.address) }
        for port in plan.ports { ports.release(port.hostSpec, at: port.addresses) }
    }
}

extension SandboxPlan {
    /// For the packet filter.
    var translations: [Ruleset.Translation] {
        guard let address = endpoint?.address.address else { return [] }
        return ports.flatMap { $0.translations(to: address) }
    }

    /// For netd.
    var heldPorts: [HeldPort] {
        guard let address = endpoint?.address.address else { return [] }
        return ports.flatMap { port in
            port.hostIPs.map { hostIP in
                HeldPort(
                    transport: port.container.transport.rawValue, hostIP: hostIP, hostPort: port.hostPort,
                    targetIP: "\(address)", targetPort: port.container.port)
            }
        }
    }
}
