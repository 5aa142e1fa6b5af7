// SPDX-License-Identifier: Apache-2.0

package import EngineAPI

/// What a container wants of the network, in the wire's own types: made from its configuration, once at create (to
/// validate) and again at every start (to plan).
package struct SandboxRequest: Sendable {
    /// 64 hexadecimal digits.
    package var containerID: String
    /// Without a slash; in error messages and `network inspect`.
    package var name: String
    /// `HostConfig.NetworkMode`: empty and `default` are `bridge`; `host`, `none`, `container:ID`, or a network's name.
    package var networkMode: String
    /// `NetworkingConfig.EndpointsConfig`; `default` is the network that `networkMode` says.
    package var endpoints: [String: EndpointSettings]
    /// `Config.ExposedPorts` and the image's, as `80/tcp`.
    package var exposedPorts: [PortSpec]
    /// `HostConfig.PortBindings`.
    package var portBindings: PortMap
    /// `-P`: every exposed port is published on a free one.
    package var publishAllPorts: Bool
    /// `Config.MacAddress` of old clients; empty: random.
    package var macAddress: String

    package init(containerID: String, name: String, networkMode: String) {
        self.containerID = containerID
        self.name = name
        self.networkMode = networkMode
        endpoints = [:]
        exposedPorts = []
        portBindings = [:]
        publishAllPorts = false
        macAddress = ""
    }
}
