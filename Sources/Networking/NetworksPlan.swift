// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Linux
internal import Synchronization

extension Networks {
    /// Throws what is wrong with a request whatever the state of the host: what `create` refuses.
    package func validate(_ request: SandboxRequest) throws(EngineError) {
        let subnet = state.withLock { $0.bridge?.record.address }
        try RequestCheck(request: request, subnet: subnet).run()
        _ = try PortPlanner(hasIPv6: false).wishes(request)
    }

    /// Decides addresses and ports and reserves them until `release`. Does not block.
    package func plan(_ request: SandboxRequest) throws(EngineError) -> SandboxPlan {
        do {
            try validate(request)
            return try makePlan(request)
        } catch {
            throw EngineError(error.code, "failed to set up container networking: \(error.message)", cause: error.cause)
        }
    }

    private func makePlan(_ request: SandboxRequest) throws(EngineError) -> SandboxPlan {
        let mode = try NetworkMode(request.networkMode)
        return try state.withLock { (state) throws(EngineError) in
            guard state.filter != nil else { throw EngineError(.unavailable, "networking is not started") }
            guard state.plans[request.containerID] == nil else {
                throw EngineError(.conflict, "container \(request.containerID) is on its network already")
            }
            var plan = SandboxPlan(
                containerID: request.containerID, name: request.name, sandboxID: Identifier.random(),
                attachment: .none, ports: [], exposed: request.exposedPorts)
            switch mode {
            case .host: plan.attachment = .host
            case .none: plan.attachment = .none
            case .container(let id): plan.attachment = .container(id)
            case .bridge: try state.plan(request, mtu: configuration.mtu, into: &plan)
            case .named(let name): throw EngineError(.notFound, "network \(name) not found")
            }
            state.plans[request.containerID] = plan
            return plan
        }
    }
}

extension Networks.State {
    /// Takes an address and the ports, all or nothing.
    fileprivate mutating func plan(
        _ request: SandboxRequest, mtu: Int, into plan: inout SandboxPlan
    ) throws(EngineError) {
        guard var bridge else {
            throw EngineError(.notFound, "network bridge not found: the daemon runs with --bridge none")
        }
        let endpointID = Identifier.random()
        let planner = PortPlanner(hasIPv6: hasIPv6)
        let wishes = try planner.wishes(request)
        do throws(EngineError) {
            plan.ports = try planner.reserve(wishes, in: &ports)
        } catch {
            throw EngineError(error.code, error.message.onEndpoint(request.name, endpointID), cause: error.cause)
        }
        plan.exposed = Array(Set(request.exposedPorts + wishes.map(\.container))).sorted()
        guard let address = bridge.pool.allocate(),
            let prefix = IPv4Prefix(address, length: bridge.record.address.length)
        else {
            for port in plan.ports { ports.release(port.hostSpec, at: port.addresses) }
            throw EngineError(.system, "no available IPv4 addresses on this network's address pools: bridge")
        }
        let settings = request.endpoint(bridge.network)
        let mac = MACAddress(settings.macAddress.isEmpty ? request.macAddress : settings.macAddress) ?? .random()
        plan.attachment = .bridge(
            EndpointPlan(
                network: bridge.network.name, networkID: bridge.network.id, endpointID: endpointID, address: prefix,
                gateway: bridge.record.address.address, mac: mac, hostInterface: BridgeRecord.hostInterfaceName(),
                mtu: mtu,
                settings: settings))
        self.bridge = bridge
    }
}

extension String {
    /// Docker's words around an error of publishing.
    func onEndpoint(_ name: String, _ endpointID: String) -> String {
        "driver failed programming external connectivity on endpoint \(name) (\(endpointID)): \(self)"
    }
}

extension SandboxRequest {
    /// What the user said about his place in this network.
    func endpoint(_ network: NetworkRecord) -> EndpointSettings {
        for key in [network.name, network.id, "default", networkMode] {
            if let settings = endpoints[key] { return settings }
        }
        return EndpointSettings()
    }
}
