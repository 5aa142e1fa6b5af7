// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import Linux

/// Everything that `Networks.apply` will do for one container, decided and reserved: a value.
package struct SandboxPlan: Codable, Sendable, Equatable {
    package var containerID: String
    /// The container's name when it was planned.
    package var name: String
    /// 64 hexadecimal digits, new at every start.
    package var sandboxID: String
    package var attachment: Attachment
    /// Host ports, each with its number decided.
    package var ports: [PublishedPort]
    /// Exposed, published or not: what `NetworkSettings.Ports` lists.
    package var exposed: [PortSpec]

    /// How the container is on the network.
    package enum Attachment: Codable, Sendable, Equatable {
        /// The host's own namespace.
        case host
        /// The namespace of another container, by its id: nothing here is this one's own.
        case container(String)
        /// A namespace with nothing but loopback.
        case none
        /// A namespace with a cable into a bridge.
        case bridge(EndpointPlan)
    }

    package var endpoint: EndpointPlan? {
        if case .bridge(let endpoint) = attachment { return endpoint }
        return nil
    }

    /// Whether the namespace is made for this container, and has a name of its own.
    var ownsNamespace: Bool {
        switch attachment {
        case .host, .container: false
        case .none, .bridge: true
        }
    }
}

/// One cable between a container and a bridge.
package struct EndpointPlan: Codable, Sendable, Equatable {
    /// The network's name, and its id.
    package var network: String
    package var networkID: String
    /// 64 hexadecimal digits.
    package var endpointID: String
    /// With the subnet's prefix length.
    package var address: IPv4Prefix
    package var gateway: IPv4Address
    package var mac: MACAddress
    /// The veth's host end.
    package var hostInterface: String
    package var mtu: Int
    /// What the user asked for, shown again by inspect.
    package var settings: EndpointSettings
}

/// One port of a container, and the host's that lead to it.
package struct PublishedPort: Codable, Sendable, Equatable {
    package var container: PortSpec
    /// Addresses of the host with the same port: `0.0.0.0` and `::`, or the one that was asked for.
    package var hostIPs: [String]
    package var hostPort: UInt16
    /// Where another port will do when this one turns out to be taken: the range to choose from.
    package var lowestChoice: UInt16
    package var highestChoice: UInt16
}
