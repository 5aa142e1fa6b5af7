// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import JSON
internal import Linux
internal import MetadataStore
internal import Synchronization

extension Networks {
    /// Bridge, host and none, by name.
    package func list() -> [NetworkInspect] {
        records.all.values.sorted { $0.name < $1.name }.filter(isThere).map { describe($0) }
    }

    /// By name, id or unique id prefix; with its containers.
    package func inspect(_ reference: String) throws(EngineError) -> NetworkInspect {
        let record = try find(reference)
        var network = describe(record)
        network.containers = containers(in: record)
        return network
    }

    /// `rm`, `connect`, `disconnect` and `create` come with user-defined networks.
    package func refuseChange(_ reference: String, _ operation: String) throws(EngineError) {
        let record = try find(reference)
        if operation == "rm" {
            throw EngineError(.forbidden, "\(record.name) is a pre-defined network and cannot be removed")
        }
        throw EngineError(.notImplemented, "network \(operation) is not implemented")
    }

    private func isThere(_ record: NetworkRecord) -> Bool {
        record.driver != "bridge" || configuration.bridge != "none"
    }

    private func find(_ reference: String) throws(EngineError) -> NetworkRecord {
        let all = records.all.values.filter(isThere)
        if let found = all.first(where: { $0.name == reference || $0.id == reference }) { return found }
        let matches = reference.isEmpty ? [] : all.filter { $0.id.hasPrefix(reference) }
        guard let first = matches.first else { throw EngineError(.notFound, "network \(reference) not found") }
        guard matches.count == 1 else {
            throw EngineError(
                .invalidParameter,
                "network \(reference) is ambiguous (\(matches.count) matches found based on ID prefix)")
        }
        return first
    }

    private func describe(_ record: NetworkRecord) -> NetworkInspect {
        var network = NetworkInspect()
        network.name = record.name
        network.id = record.id
        network.created = record.created
        network.scope = "local"
        network.driver = record.driver
        network.enableIPv4 = true
        network.ipam = IPAM(driver: "default", options: nil, config: nil)
        if let bridge = record.bridge {
            network.ipam.config = [
                IPAMPool(subnet: "\(bridge.address.masked)", gateway: "\(bridge.address.address)")
            ]
            network.options = [
                "com.docker.network.bridge.default_bridge": "true",
                "com.docker.network.bridge.enable_icc": "true",
                "com.docker.network.bridge.enable_ip_masquerade": "true",
                "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
                "com.docker.network.bridge.name": bridge.interface,
                "com.docker.network.driver.mtu": "\(configuration.mtu)",
            ]
        }
        return network
    }

    private func containers(in record: NetworkRecord) -> [String: NetworkContainer] {
        let plans = state.withLock { state in state.applied.compactMap { state.plans[$0] } }
        var result: [String: NetworkContainer] = [:]
        for plan in plans where networkName(plan) == record.name {
            result[plan.containerID] = NetworkContainer(
                name: plan.name, endpointID: endpointID(plan), macAddress: plan.endpoint?.mac.description ?? "",
                ipv4Address: plan.endpoint?.address.description ?? "")
        }
        return result
    }

    /// A container has a new name.
    package func rename(_ containerID: String, to name: String) async throws(EngineError) {
        let plan = state.withLock { state -> SandboxPlan? in
            state.plans[containerID]?.name = name
            return state.applied.contains(containerID) ? state.plans[containerID] : nil
        }
        guard let plan else { return }
        try await blocking { () throws(EngineError) in try self.store(containerID, plan) }
    }
}

// MARK: A container's endpoints

extension Networks {
    /// What inspect shows for a container that does not run: its networks without addresses.
    package func restingEndpoints(_ request: SandboxRequest) -> [String: EndpointSettings] {
        guard let mode = try? NetworkMode(request.networkMode) else { return [:] }
        let name =
            switch mode {
            case .bridge: "bridge"
            case .host: "host"
            case .none: "none"
            case .container: ""
            case .named(let name): name
            }
        if name.isEmpty { return [:] }
        guard let record = records[name] else { return [name: EndpointSettings()] }
        var settings = request.endpoint(record)
        settings.networkID = record.id
        return [name: settings]
    }

    func endpoints(_ plan: SandboxPlan) -> [String: EndpointSettings] {
        guard let name = networkName(plan) else { return [:] }
        var settings = plan.endpoint?.settings ?? EndpointSettings()
        settings.networkID = records[name]?.id ?? ""
        settings.endpointID = endpointID(plan)
        if let endpoint = plan.endpoint {
            settings.gateway = "\(endpoint.gateway)"
            settings.ipAddress = "\(endpoint.address.address)"
            settings.ipPrefixLength = endpoint.address.length
            settings.macAddress = "\(endpoint.mac)"
        }
        return [name: settings]
    }

    private func networkName(_ plan: SandboxPlan) -> String? {
        switch plan.attachment {
        case .container: nil
        case .host: "host"
        case .none: "none"
        case .bridge(let endpoint): endpoint.network
        }
    }

    /// Without a cable, the sandbox's own name reversed: as unique, and the same until the container ends.
    private func endpointID(_ plan: SandboxPlan) -> String {
        plan.endpoint?.endpointID ?? String(plan.sandboxID.reversed())
    }
}
