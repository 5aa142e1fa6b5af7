// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A lasting address of an interface, of whatever family, as the kernel told it.
package struct PermanentAddress: Sendable, Equatable {
    package var index: Int32
    fileprivate var family: UInt8
    fileprivate var prefixLength: UInt8
    /// IFA_ADDRESS, IFA_LOCAL and IFA_BROADCAST.
    fileprivate var attributes: [UInt16: [UInt8]] = [:]

    /// Reads an RTM_NEWADDR; nil for one that the kernel or a router made, or that is not of global scope.
    init?(_ payload: [UInt8]) throws(Errno) {
        guard payload.count >= 8 else { throw Errno(.io, "netlink", "RTM_NEWADDR") }
        let read = try NetlinkAttributes(payload[8...])
        let isPermanent = payload[2] & 0x80 != 0
        guard isPermanent, payload[3] == 0 else { return nil }
        family = payload[0]
        prefixLength = payload[1]
        index = Int32(bitPattern: payload.uint32(at: 4))
        for number in [RouteNumber.addressAddress, RouteNumber.addressLocal, RouteNumber.addressBroadcast] {
            if let bytes = read.bytes(number) { attributes[number] = Array(bytes) }
        }
    }
}

extension NetlinkMessage {
    /// Gives the interface to the network namespace `namespace`, under another name.
    package static func moveLink(_ index: Int32, to namespace: Int32, name: String) -> NetlinkMessage {
        var message = NetlinkMessage(
            RouteNumber.setLink, flags: Netlink.acknowledge, call: "RTM_SETLINK", object: "interface \(name)")
        message.appendInterface(index: index, flags: 0, change: 0)
        message.attribute(RouteNumber.linkNamespaceDescriptor, UInt32(bitPattern: namespace))
        message.attribute(RouteNumber.linkName, string: name)
        return message
    }

    /// Gives an interface an address that another had.
    package static func addAddress(_ address: PermanentAddress, to index: Int32) -> NetlinkMessage {
        var message = NetlinkMessage(
            RouteNumber.newAddress, flags: Netlink.acknowledge | Netlink.create | Netlink.replace,
            call: "RTM_NEWADDR", object: "interface \(index)")
        message.append([address.family, address.prefixLength, 0x80, 0])
        message.append(index)
        for (number, bytes) in address.attributes.sorted(by: { $0.key < $1.key }) { message.attribute(number, bytes) }
        return message
    }
}

extension NetlinkSocket {
    /// The lasting addresses of one interface.
    package func permanentAddresses(of index: Int32) throws(Errno) -> [PermanentAddress] {
        var message = NetlinkMessage(RouteNumber.getAddress, flags: Netlink.dump, call: "RTM_GETADDR")
        message.append([UInt8(AF_UNSPEC), 0, 0, 0])
        message.append(UInt32(0))
        var addresses: [PermanentAddress] = []
        for reply in try ask(message, dump: true) where reply.type == RouteNumber.newAddress {
            if let address = try PermanentAddress(reply.payload), address.index == index { addresses.append(address) }
        }
        return addresses
    }
}
