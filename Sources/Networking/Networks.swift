// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Linux
package import Logging
package import MetadataStore
package import Shim

/// The networks of this host and every container's place in them.
///
/// The story of one run: `validate` at create; at start `plan`, which decides and reserves everything and changes
/// nothing, then `apply`, which makes the namespace, the cable and the published ports; `release` when the container has
/// ended or could not be started. A new daemon calls `start`, then `adopt` with the containers that live.
package final class Networks: Sendable {
    package init(
        metadata: MetadataStore, configuration: NetworkConfiguration, launcher: ShimLauncher, logger: Logger
    ) throws(EngineError) {
        throw EngineError(.notImplemented, "networks")
    }

    /// Makes the default bridge, where it is not there yet, and the packet filter's base. To be called once, first.
    package func start() async throws(EngineError) {}

    /// Throws what is wrong with a request whatever the state of the host: what `create` refuses.
    package func validate(_ request: SandboxRequest) throws(EngineError) {}

    /// Decides addresses and ports and reserves them until `release`. Does not block.
    package func plan(_ request: SandboxRequest) throws(EngineError) -> SandboxPlan {
        throw EngineError(.notImplemented, "networks")
    }

    /// Carries the plan out; after a failure nothing is left but the reservation, which `release` ends.
    package func apply(_ plan: SandboxPlan) async throws(EngineError) -> Sandbox {
        throw EngineError(.notImplemented, "networks")
    }

    /// Gives back all that the container has: ports, addresses, rules. Idempotent; what goes wrong is logged.
    package func release(_ containerID: String) async {}

    /// After a restart of the daemon: takes over what the living containers have, releases what others had.
    package func adopt(_ live: [LiveContainer]) async throws(EngineError) -> [String: Sandbox] { [:] }

    /// What a running container has; nil when it has nothing.
    package func sandbox(of containerID: String) -> Sandbox? { nil }

    /// What inspect shows for a container that does not run: its networks without addresses.
    package func restingEndpoints(_ request: SandboxRequest) -> [String: EndpointSettings] { [:] }

    /// Bridge, host and none, then the user's.
    package func list() -> [NetworkInspect] { [] }

    /// By name, id or unique id prefix; with its containers.
    package func inspect(_ reference: String) throws(EngineError) -> NetworkInspect {
        throw EngineError(.notFound, "network \(reference) not found")
    }
}
