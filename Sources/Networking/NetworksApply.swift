// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Linux
internal import Logging
internal import Shim
internal import Synchronization

extension Networks {
    /// Carries the plan out; after a failure nothing is left but the reservation, which `release` ends.
    package func apply(_ plan: SandboxPlan) async throws(EngineError) -> Sandbox {
        do {
            return try await blocking(key: plan.containerID) { () throws(EngineError) in try self.applyBlocking(plan) }
        } catch {
            throw EngineError(error.code, "failed to set up container networking: \(error.message)", cause: error.cause)
        }
    }

    private func applyBlocking(_ planned: SandboxPlan) throws(EngineError) -> Sandbox {
        var plan = planned
        // BEFORE any effect: a daemon that dies half-way finds it and gives all back.
        try store(plan.containerID, plan)
        var namespace: SharedDescriptor?
        do throws(EngineError) {
            try passed("plan stored")
            switch plan.attachment {
            case .host, .container: break
            case .none: namespace = try makeNamespace { (route) throws(Errno) in try route.perform([.setLinkUp(1)]) }
            case .bridge(let endpoint):
                try currentFilter().ensure()
                namespace = try connect(endpoint)
                try passed("cable")
                try publish(&plan)
            }
        } catch {
            // The cable goes with the namespace, which nobody holds any more.
            unpublish(plan)
            throw error
        }
        let done = plan
        state.withLock { state in
            state.plans[done.containerID] = done
            state.applied.insert(done.containerID)
        }
        return sandbox(done, namespace: namespace)
    }

    func currentFilter() throws(EngineError) -> PacketFilter {
        guard let filter = state.withLock({ $0.filter }) else {
            throw EngineError(.unavailable, "networking is not started")
        }
        return filter
    }

    private func makeNamespace(
        _ configure: (borrowing NetlinkSocket) throws(Errno) -> Void
    ) throws(EngineError) -> SharedDescriptor {
        do throws(Errno) {
            let namespace = try NetworkNamespace.make()
            try configure(namespace.route)
            return namespace.descriptor
        } catch {
            throw EngineError(.system, "failed to make the network namespace: \(error)", cause: error)
        }
    }

    /// Makes the namespace, and the cable from it into the bridge.
    private func connect(_ endpoint: EndpointPlan) throws(EngineError) -> SharedDescriptor {
        do throws(Errno) {
            do throws(Errno) { return try makeConnected(endpoint) } catch {
                guard try isBridgeGone() else { throw error }
            }
            do throws(EngineError) { try remakeBridge() } catch { throw Errno(.noDevice, error.message) }
            return try makeConnected(endpoint)
        } catch {
            throw EngineError(.system, "failed to connect the container to the bridge: \(error)", cause: error)
        }
    }

    private func makeConnected(_ endpoint: EndpointPlan) throws(Errno) -> SharedDescriptor {
        let namespace = try NetworkNamespace.make()
        try makeCable(endpoint, namespace.descriptor)
        try namespace.route.perform([
            .setLinkUp(1),
            .addAddress(endpoint.address, to: Self.containerInterface),
            .setLinkUp(Self.containerInterface),
            .addDefaultRoute(gateway: endpoint.gateway, through: Self.containerInterface),
        ])
        return namespace.descriptor
    }

    private func isBridgeGone() throws(Errno) -> Bool {
        guard let bridge = state.withLock({ $0.bridge }) else { return false }
        return try NetlinkSocket.route().link(named: bridge.record.interface)?.index != bridge.index
    }

    /// The number of eth0 in its namespace, next to loopback's 1.
    private static let containerInterface: Int32 = 2

    private func makeCable(_ endpoint: EndpointPlan, _ namespace: SharedDescriptor) throws(Errno) {
        guard let index = state.withLock({ $0.bridge?.index }) else { throw Errno(.noDevice, "bridge") }
        let veth = VethPair(
            hostName: endpoint.hostInterface, bridge: index, peerName: "eth0", peerIndex: Self.containerInterface,
            peerAddress: endpoint.mac, mtu: endpoint.mtu)
        try NetlinkSocket.route().perform([
            .createVeth(veth, namespace: namespace.rawValue),
            // The host may still remember who had this address before.
            .setNeighbour(endpoint.address.address, is: endpoint.mac, on: index),
        ])
    }

    /// Takes the host's ports and leads them to the container; where any port of a range will do, tries others.
    private func publish(_ plan: inout SandboxPlan) throws(EngineError) {
        guard !plan.ports.isEmpty, let endpoint = plan.endpoint else { return }
        var refused: [PortSpec.Transport: Set<UInt16>] = [:]
        while true {
            do {
                try holder.hold(owner: plan.containerID, ports: plan.heldPorts)
                break
            } catch let refusal as PortHolder.Refusal {
                let moved = try move(refusal.port, in: &plan, refused: &refused)
                guard moved else { throw Self.bindFailure(refusal, plan.name, endpoint.endpointID) }
            } catch {
                throw EngineError(.system, "netd does not answer: \(error)".onEndpoint(plan.name, endpoint.endpointID))
            }
        }
        try passed("ports held")
        if !refused.isEmpty { try store(plan.containerID, plan) }
        do throws(Errno) { try NetlinkSocket.route().perform([.setHairpin(endpoint.hostInterface)]) } catch {
            throw EngineError(.system, "\(error)".onEndpoint(plan.name, endpoint.endpointID), cause: error)
        }
        try currentFilter().change(add: plan.translations)
        try passed("ports translated")
    }

    private func passed(_ step: String) throws(EngineError) {
        guard let observer = configuration.stepObserver else { return }
        do { try observer(step) } catch { throw EngineError(.system, "\(error)", cause: error) }
    }

    /// Gives the published port that netd refused another number. False if it has no choice.
    private func move(
        _ held: HeldPort, in plan: inout SandboxPlan, refused: inout [PortSpec.Transport: Set<UInt16>]
    ) throws(EngineError) -> Bool {
        let index = plan.ports.firstIndex {
            $0.hostPort == held.hostPort && $0.container.transport.rawValue == held.transport
                && $0.hostIPs.contains(held.hostIP)
        }
        guard let index, plan.ports[index].hasChoice else { return false }
        var port = plan.ports[index]
        let transport = port.container.transport
        refused[transport, default: []].insert(port.hostPort)
        let exceptions = refused[transport] ?? []
        let next = state.withLock { state -> UInt16? in
            state.ports.release(port.hostSpec, at: port.addresses)
            return state.ports.reserveAny(transport, in: port.choices, at: port.addresses, except: exceptions)
        }
        guard let next else {
            plan.ports.remove(at: index)
            state.withLock { $0.plans[plan.containerID] = plan }
            throw EngineError(.system, "all ports are allocated")
        }
        port.hostPort = next
        plan.ports[index] = port
        // What `release` gives back, should this fail later.
        state.withLock { $0.plans[plan.containerID] = plan }
        return true
    }

    private static func bindFailure(
        _ refusal: PortHolder.Refusal, _ name: String, _ endpointID: String
    ) -> EngineError {
        let address = HostAddress(refusal.port.hostIP)?.bracketed ?? refusal.port.hostIP
        let port = "\(address):\(refusal.port.hostPort)/\(refusal.port.transport)"
        return EngineError(
            .system, "failed to bind host port \(port): \(refusal.code)".onEndpoint(name, endpointID),
            cause: Errno(refusal.code, "bind", port))
    }

    /// Takes the ports away from the container; what goes wrong is logged.
    func unpublish(_ plan: SandboxPlan) {
        guard !plan.ports.isEmpty else { return }
        do throws(EngineError) { try currentFilter().change(remove: plan.translations) } catch {
            logger.error(
                "failed to remove published ports", metadata: ["id": "\(plan.containerID)", "error": "\(error)"])
        }
        do { try holder.release(owner: plan.containerID) } catch {
            logger.error("failed to give up host ports", metadata: ["id": "\(plan.containerID)", "error": "\(error)"])
        }
    }
}
