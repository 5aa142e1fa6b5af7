// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import Linux

/// A running container's place on the network, as inspect shows it.
package struct Sandbox: Sendable {
    package var plan: SandboxPlan
    /// For the shim, which holds it from then on; nil with `--network host` and after a restart of the daemon. Let go
    /// of it once the shim runs: the namespace ends with its last holder.
    package var networkNamespace: SharedDescriptor?

    /// `NetworkSettings.SandboxID`
    package var sandboxID: String { plan.sandboxID }
    /// `NetworkSettings.SandboxKey`
    package var key: String
    /// `NetworkSettings.Networks`
    package var networks: [String: EndpointSettings]
    /// `NetworkSettings.Ports`
    package var ports: PortMap
    /// What the container's /etc/hosts says for its own name; nil where it has no address of its own.
    package var address: IPv4Address? { plan.endpoint?.address.address }
}

/// A container that survived the daemon.
package struct LiveContainer: Sendable {
    package var id: String
    package var name: String

    package init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}
