// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Glibc
internal import Linux
internal import Logging
internal import Shim
internal import Synchronization

extension Networks {
    /// Gives back all that the container has: ports, addresses, rules. Idempotent; what goes wrong is logged.
    package func release(_ containerID: String) async {
        let plan = state.withLock { state in
            state.applied.remove(containerID)
            return state.plans[containerID]
        }
        guard let plan else { return }
        do {
            try await blocking(key: containerID) { () throws(EngineError) in try self.releaseBlocking(plan) }
        } catch {
            log(containerID, error)
        }
    }

    /// AFTER everything else the address and the ports are free: the next container must not meet this one's remains.
    func releaseBlocking(_ plan: SandboxPlan) throws(EngineError) {
        unpublish(plan)
        if let endpoint = plan.endpoint { cut(endpoint) }
        unlinkNamespace(plan)
        defer {
            state.withLock { state in
                if state.plans.removeValue(forKey: plan.containerID) != nil { state.give(plan) }
            }
        }
        try store(plan.containerID, nil)
    }

    /// Makes the cable carry nothing; it disappears with the namespace. (Deleting it would wait for 10 to 26 ms.)
    private func cut(_ endpoint: EndpointPlan) {
        do throws(Errno) {
            let socket = try NetlinkSocket.route()
            guard let link = try socket.link(named: endpoint.hostInterface), link.master != nil else { return }
            try socket.perform([.disableBridgePort(link.index)])
        } catch {
            // It went away in between.
            if error.code != .noDevice { log(endpoint.hostInterface, error) }
        }
    }

    /// After a restart of the daemon: takes over what the living containers have, releases what others had.
    package func adopt(_ live: [LiveContainer]) async throws(EngineError) -> [String: Sandbox] {
        try await blocking { () throws(EngineError) in try self.adoptBlocking(live) }
    }

    private func adoptBlocking(_ live: [LiveContainer]) throws(EngineError) -> [String: Sandbox] {
        let names = Dictionary(live.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        var plans = state.withLock { $0.plans }
        let dead = plans.values.filter { names[$0.containerID] == nil }
        for plan in dead { plans[plan.containerID] = nil }
        let wanted = plans.mapValues(\.heldPorts).filter { !$0.value.isEmpty }
        do {
            for refusal in try holder.adopt(wanted) { holder.report(refusal) }
        } catch {
            logger.error("failed to take netd over", metadata: ["error": "\(error)"])
        }
        for plan in dead {
            do throws(EngineError) { try releaseBlocking(plan) } catch { log(plan.containerID, error) }
            if let endpoint = plan.endpoint { delete(endpoint) }
        }
        return try takeOver(plans, names)
    }

    private func takeOver(
        _ plans: [String: SandboxPlan], _ names: [String: String]
    ) throws(EngineError) -> [String: Sandbox] {
        var result: [String: Sandbox] = [:]
        for var plan in plans.values {
            plan.name = names[plan.containerID] ?? plan.name
            if let endpoint = plan.endpoint { plugIn(endpoint) }
            result[plan.containerID] = sandbox(plan)
        }
        let adopted = result
        state.withLock { state in
            for (id, sandbox) in adopted {
                state.plans[id] = sandbox.plan
                state.applied.insert(id)
            }
        }
        return result
    }

    /// A dead container's cable that something still holds.
    private func delete(_ endpoint: EndpointPlan) {
        do throws(Errno) {
            let socket = try NetlinkSocket.route()
            guard let link = try socket.link(named: endpoint.hostInterface) else { return }
            try socket.perform([.deleteLink(link.index)])
        } catch {
            if error.code != .noDevice { log(endpoint.hostInterface, error) }
        }
    }

    /// Puts a living container's cable back into the bridge, should that have been made anew.
    func plugIn(_ endpoint: EndpointPlan) {
        guard let index = state.withLock({ $0.bridge?.index }) else { return }
        do throws(Errno) {
            let socket = try NetlinkSocket.route()
            guard let link = try socket.link(named: endpoint.hostInterface), link.master != index else { return }
            try socket.perform([.setMaster(link.index, index)])
        } catch { log(endpoint.hostInterface, error) }
    }

    private func log(_ object: String, _ error: any Error) {
        logger.error("failed to release network state", metadata: ["of": "\(object)", "error": "\(error)"])
    }
}

// MARK: The namespace's name

extension Networks {
    /// Gives the namespace of a running container a name in the file system (`SandboxKey`), for tools that look for
    /// one.
    package func nameNamespace(of containerID: String, pid: Int32) {
        guard let plan = state.withLock({ $0.plans[containerID] }), plan.ownsNamespace else { return }
        _ = mkdir("\(configuration.execRoot)/netns", 0o700)
        let path = namespacePath(plan)
        if symlink("/proc/\(pid)/ns/net", path) != 0, errno != EEXIST { log(path, Errno.last("symlink", path)) }
    }

    private func unlinkNamespace(_ plan: SandboxPlan) {
        guard plan.ownsNamespace else { return }
        let path = namespacePath(plan)
        if unlink(path) != 0, errno != ENOENT { log(path, Errno.last("unlink", path)) }
    }
}
