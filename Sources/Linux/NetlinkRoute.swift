// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Requests of rtnetlink(7), as values: nothing happens until a `NetlinkSocket` sends them.
extension NetlinkMessage {
    /// Creates a bridge that is up, with a hardware address that stays as ports come and go.
    package static func createBridge(_ name: String, address: MACAddress, mtu: Int) -> NetlinkMessage {
        var message = link(RouteNumber.newLink, Netlink.create | Netlink.exclusive, name: name, up: true)
        message.attribute(RouteNumber.linkAddress, address.bytes)
        message.attribute(RouteNumber.linkMTU, UInt32(mtu))
        message.nested(RouteNumber.linkInfo) { $0.attribute(RouteNumber.infoKind, string: "bridge") }
        return message
    }

    /// Creates a veth pair in one step: the host's end up and in the bridge, the other in the container's namespace.
    package static func createVeth(_ veth: VethPair, namespace: Int32) -> NetlinkMessage {
        var message = link(RouteNumber.newLink, Netlink.create | Netlink.exclusive, name: veth.hostName, up: true)
        message.attribute(RouteNumber.linkMTU, UInt32(veth.mtu))
        message.attribute(RouteNumber.linkMaster, UInt32(bitPattern: veth.bridge))
        message.nested(RouteNumber.linkInfo) { info in
            info.attribute(RouteNumber.infoKind, string: "veth")
            info.nested(RouteNumber.infoData) { data in
                data.nested(RouteNumber.vethPeer) { peer in
                    // It can't be up before its peer exists, which is last: ENOTCONN.
                    peer.appendInterface(index: veth.peerIndex, flags: 0, change: 0)
                    peer.attribute(RouteNumber.linkName, string: veth.peerName)
                    peer.attribute(RouteNumber.linkAddress, veth.peerAddress.bytes)
                    peer.attribute(RouteNumber.linkMTU, UInt32(veth.mtu))
                    peer.attribute(RouteNumber.linkNamespaceDescriptor, UInt32(bitPattern: namespace))
                }
            }
        }
        return message
    }

    package static func setLinkUp(_ index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage(
            RouteNumber.newLink, flags: Netlink.acknowledge, call: "RTM_NEWLINK", object: "interface \(index)")
        message.appendInterface(index: index, flags: IFF.up, change: IFF.up)
        return message
    }

    /// Makes an interface a port of a bridge.
    package static func setMaster(_ index: Int32, _ bridge: Int32) -> NetlinkMessage {
        var message = NetlinkMessage(
            RouteNumber.newLink, flags: Netlink.acknowledge, call: "RTM_NEWLINK", object: "interface \(index)")
        message.appendInterface(index: index, flags: 0, change: 0)
        message.attribute(RouteNumber.linkMaster, UInt32(bitPattern: bridge))
        return message
    }

    package static func deleteLink(_ index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage(
            RouteNumber.deleteLink, flags: Netlink.acknowledge, call: "RTM_DELLINK", object: "interface \(index)")
        message.appendInterface(index: index, flags: 0, change: 0)
        return message
    }

    /// Makes a bridge's port carry nothing any more, at once: unlike taking it down or out of the bridge, this waits
    /// for no RCU grace period.
    package static func disableBridgePort(_ index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage(
            RouteNumber.setLink, flags: Netlink.acknowledge, call: "RTM_SETLINK", object: "interface \(index)")
        message.appendInterface(index: index, flags: 0, change: 0, family: 7)
        message.nested(RouteNumber.linkProtocolInfo | 0x8000) { $0.attribute(RouteNumber.bridgePortState, byte: 0) }
        return message
    }

    /// Lets a bridge send what came from a port out of the same one. Needed for a container that reaches itself by a
    /// port it publishes, where br_netfilter translates addresses inside the bridge; without that, such packets are
    /// routed.
    package static func setHairpin(_ name: String) -> NetlinkMessage {
        var message = link(RouteNumber.newLink, 0, name: name, up: true)
        message.nested(RouteNumber.linkInfo) { info in
            info.attribute(RouteNumber.infoSlaveKind, string: "bridge")
            info.nested(RouteNumber.infoSlaveData) { $0.attribute(RouteNumber.bridgePortMode, byte: 1) }
        }
        return message
    }

    package static func addAddress(_ prefix: IPv4Prefix, to index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage(
            RouteNumber.newAddress, flags: Netlink.acknowledge | Netlink.create | Netlink.exclusive,
            call: "RTM_NEWADDR", object: "\(prefix)")
        message.append([UInt8(AF_INET), UInt8(prefix.length), 0, 0])
        message.append(index)
        message.attribute(RouteNumber.addressLocal, prefix.address.bytes)
        message.attribute(RouteNumber.addressAddress, prefix.address.bytes)
        if prefix.length < 31 { message.attribute(RouteNumber.addressBroadcast, prefix.last.bytes) }
        return message
    }

    package static func addDefaultRoute(gateway: IPv4Address, through index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage(
            RouteNumber.newRoute, flags: Netlink.acknowledge | Netlink.create | Netlink.exclusive,
            call: "RTM_NEWROUTE", object: "default via \(gateway)")
        // destination and source lengths 0, no TOS, the main table, static, universe, unicast
        message.append([UInt8(AF_INET), 0, 0, 0, 254, 4, 0, 1])
        message.append(UInt32(0))
        message.attribute(RouteNumber.routeGateway, gateway.bytes)
        message.attribute(RouteNumber.routeInterface, UInt32(bitPattern: index))
        return message
    }

    /// Says which hardware address has an address, in place of what was known from its last holder.
    package static func setNeighbour(_ address: IPv4Address, is mac: MACAddress, on index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage(
            RouteNumber.newNeighbour, flags: Netlink.acknowledge | Netlink.create | Netlink.replace,
            call: "RTM_NEWNEIGH", object: "\(address)")
        message.append([UInt8(AF_INET), 0, 0, 0])
        message.append(index)
        message.append(RouteNumber.neighbourReachable)
        message.append(UInt16(0))
        message.attribute(RouteNumber.neighbourAddress, address.bytes)
        message.attribute(RouteNumber.neighbourLinkAddress, mac.bytes)
        return message
    }

    private static func link(_ type: UInt16, _ flags: UInt16, name: String, up: Bool) -> NetlinkMessage {
        var message = NetlinkMessage(type, flags: Netlink.acknowledge | flags, call: "RTM_NEWLINK", object: name)
        message.appendInterface(index: 0, flags: up ? IFF.up : 0, change: up ? IFF.up : 0)
        message.attribute(RouteNumber.linkName, string: name)
        return message
    }

    /// struct ifinfomsg
    mutating func appendInterface(index: Int32, flags: UInt32, change: UInt32, family: UInt8 = 0) {
        append([family, 0])
        append(UInt16(0))
        append(index)
        append(flags)
        append(change)
    }
}

/// The two ends of a container's cable.
package struct VethPair: Sendable, Equatable {
    package var hostName: String
    /// The bridge's index on the host.
    package var bridge: Int32
    package var peerName: String
    /// The index it gets in its own namespace.
    package var peerIndex: Int32
    package var peerAddress: MACAddress
    package var mtu: Int

    package init(
        hostName: String, bridge: Int32, peerName: String, peerIndex: Int32, peerAddress: MACAddress, mtu: Int
    ) {
        self.hostName = hostName
        self.bridge = bridge
        self.peerName = peerName
        self.peerIndex = peerIndex
        self.peerAddress = peerAddress
        self.mtu = mtu
    }
}

enum IFF {
    static let up: UInt32 = 1
}

/// Numbers of linux/rtnetlink.h, if_link.h, if_addr.h and neighbour.h.
package enum RouteNumber {
    package static let newLink: UInt16 = 16
    package static let deleteLink: UInt16 = 17
    package static let getLink: UInt16 = 18
    package static let setLink: UInt16 = 19
    package static let newAddress: UInt16 = 20
    package static let getAddress: UInt16 = 22
    package static let newRoute: UInt16 = 24
    package static let getRoute: UInt16 = 26
    package static let newNeighbour: UInt16 = 28

    package static let linkAddress: UInt16 = 1
    package static let linkName: UInt16 = 3
    package static let linkMTU: UInt16 = 4
    package static let linkMaster: UInt16 = 10
    package static let linkProtocolInfo: UInt16 = 12
    package static let linkInfo: UInt16 = 18
    package static let linkNamespaceDescriptor: UInt16 = 28
    package static let infoKind: UInt16 = 1
    package static let infoData: UInt16 = 2
    package static let infoSlaveKind: UInt16 = 4
    package static let infoSlaveData: UInt16 = 5
    package static let vethPeer: UInt16 = 1
    package static let bridgePortState: UInt16 = 1
    package static let bridgePortMode: UInt16 = 4

    package static let addressAddress: UInt16 = 1
    package static let addressLocal: UInt16 = 2
    package static let addressBroadcast: UInt16 = 4

    package static let routeDestination: UInt16 = 1
    package static let routeInterface: UInt16 = 4
    package static let routeGateway: UInt16 = 5

    package static let neighbourAddress: UInt16 = 1
    package static let neighbourLinkAddress: UInt16 = 2
    package static let neighbourReachable: UInt16 = 2
}
