// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A network interface, as far as the engine looks at it.
package struct NetworkLink: Sendable, Equatable {
    package var index: Int32
    package var name: String
    /// `bridge`, `veth`; nil for hardware.
    package var kind: String?
    package var isUp: Bool
    /// The bridge it is a port of.
    package var master: Int32?

    /// Reads an RTM_NEWLINK.
    package init(_ payload: [UInt8]) throws(Errno) {
        guard payload.count >= 16 else { throw .malformed }
        let attributes = try NetlinkAttributes(payload[16...])
        guard let name = attributes.string(RouteNumber.linkName) else { throw .malformed }
        index = Int32(bitPattern: payload.uint32(at: 4))
        isUp = payload.uint32(at: 8) & IFF.up != 0
        self.name = name
        kind = try attributes.nested(RouteNumber.linkInfo)?.string(RouteNumber.infoKind)
        master = attributes.uint32(RouteNumber.linkMaster).map { Int32(bitPattern: $0) }
    }
}

/// An IPv4 address of an interface.
package struct InterfaceAddress: Sendable, Equatable {
    package var index: Int32
    package var prefix: IPv4Prefix

    package init(_ payload: [UInt8]) throws(Errno) {
        guard payload.count >= 8 else { throw .malformed }
        let attributes = try NetlinkAttributes(payload[8...])
        let local = attributes.bytes(RouteNumber.addressLocal) ?? attributes.bytes(RouteNumber.addressAddress)
        guard let local, let address = IPv4Address(bytes: local),
            let prefix = IPv4Prefix(address, length: Int(payload[1]))
        else { throw .malformed }
        index = Int32(bitPattern: payload.uint32(at: 4))
        self.prefix = prefix
    }
}

/// An IPv4 route, of any table.
package struct InterfaceRoute: Sendable, Equatable {
    package var destination: IPv4Prefix
    package var interface: Int32?
    package var gateway: IPv4Address?

    package init(_ payload: [UInt8]) throws(Errno) {
        guard payload.count >= 12 else { throw .malformed }
        let attributes = try NetlinkAttributes(payload[12...])
        let address = attributes.bytes(RouteNumber.routeDestination) ?? [0, 0, 0, 0]
        guard let address = IPv4Address(bytes: address), let prefix = IPv4Prefix(address, length: Int(payload[1]))
        else { throw .malformed }
        destination = prefix
        interface = attributes.uint32(RouteNumber.routeInterface).map { Int32(bitPattern: $0) }
        gateway = attributes.bytes(RouteNumber.routeGateway).flatMap { IPv4Address(bytes: $0) }
    }
}

extension NetlinkSocket {
    package func links() throws(Errno) -> [NetworkLink] {
        var message = NetlinkMessage(RouteNumber.getLink, flags: Netlink.dump, call: "RTM_GETLINK")
        message.appendInterface(index: 0, flags: 0, change: 0)
        var links: [NetworkLink] = []
        for reply in try ask(message, dump: true) where reply.type == RouteNumber.newLink {
            links.append(try NetworkLink(reply.payload))
        }
        return links
    }

    /// nil where there is none of that name.
    package func link(named name: String) throws(Errno) -> NetworkLink? {
        var message = NetlinkMessage(RouteNumber.getLink, flags: 0, call: "RTM_GETLINK", object: name)
        message.appendInterface(index: 0, flags: 0, change: 0)
        message.attribute(RouteNumber.linkName, string: name)
        do throws(Errno) {
            guard let reply = try ask(message, dump: false).first else { return nil }
            return try NetworkLink(reply.payload)
        } catch {
            if error.code == .noDevice { return nil }
            throw error
        }
    }

    package func addresses() throws(Errno) -> [InterfaceAddress] {
        var message = NetlinkMessage(RouteNumber.getAddress, flags: Netlink.dump, call: "RTM_GETADDR")
        message.append([UInt8(AF_INET), 0, 0, 0])
        message.append(UInt32(0))
        var addresses: [InterfaceAddress] = []
        for reply in try ask(message, dump: true) where reply.type == RouteNumber.newAddress {
            addresses.append(try InterfaceAddress(reply.payload))
        }
        return addresses
    }

    package func routes() throws(Errno) -> [InterfaceRoute] {
        var message = NetlinkMessage(RouteNumber.getRoute, flags: Netlink.dump, call: "RTM_GETROUTE")
        message.append([UInt8(AF_INET), 0, 0, 0, 0, 0, 0, 0])
        message.append(UInt32(0))
        var routes: [InterfaceRoute] = []
        for reply in try ask(message, dump: true) where reply.type == RouteNumber.newRoute {
            routes.append(try InterfaceRoute(reply.payload))
        }
        return routes
    }
}
