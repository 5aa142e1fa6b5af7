// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

/// Makes sure that the default network's bridge is there, up, addressed, and that the host routes for it. Blocking;
/// changes nothing where all is well.
struct BridgeSetup {
    var configuration: NetworkConfiguration
    /// What an earlier daemon with this data root made.
    var known: BridgeRecord?

    /// A bridge in place.
    struct Result {
        var record: BridgeRecord
        /// The interface's number, until it is made anew.
        var index: Int32
    }

    func run() throws(EngineError) -> Result {
        do {
            let socket = try NetlinkSocket.route()
            let links = try socket.links()
            let addresses = try socket.addresses()
            var record = try choose(links: links, addresses: addresses, routes: try socket.routes())
            let index = try ensureInterface(&record, links, addresses, socket)
            return Result(record: try enableRouting(record), index: index)
        } catch let error as EngineError {
            throw error
        } catch {
            throw EngineError(.system, "failed to set up the default bridge network: \(error)", cause: error)
        }
    }

    /// Decides on name and address.
    private func choose(
        links: [NetworkLink], addresses: [InterfaceAddress], routes: [InterfaceRoute]
    ) throws(EngineError) -> BridgeRecord {
        let wanted = try configuredAddress()
        if let name = configuration.bridge {
            return try existing(name, links, addresses, wanted: wanted)
        }
        if let known, known.isOurs, wanted == nil || wanted == known.address,
            isUsable(known, links, addresses, routes)
        {
            return known
        }
        let name = known?.isOurs == true ? known?.interface : nil
        let interface = name ?? Self.freeName(links)
        // One of ours whose data root is gone: it keeps its address.
        if let link = links.first(where: { $0.name == interface && $0.kind == "bridge" }), wanted == nil,
            let address = addresses.first(where: { $0.index == link.index })
        {
            return BridgeRecord(interface: interface, address: address.prefix, isOurs: true)
        }
        guard let address = wanted ?? Self.freeAddress(addresses, routes) else {
            throw EngineError(.system, "all predefined address pools have been fully subnetted")
        }
        return BridgeRecord(interface: interface, address: address, isOurs: true)
    }

    private func configuredAddress() throws(EngineError) -> IPv4Prefix? {
        guard let text = configuration.bridgeAddress else { return nil }
        guard let prefix = IPv4Prefix(text), (8...30).contains(prefix.length), prefix.address != prefix.network,
            prefix.address != prefix.last
        else {
            throw EngineError(.invalidParameter, "invalid --bip \"\(text)\": expected an address such as 10.9.0.1/24")
        }
        return prefix
    }

    /// `--bridge`: the user's interface and its address.
    private func existing(
        _ name: String, _ links: [NetworkLink], _ addresses: [InterfaceAddress], wanted: IPv4Prefix?
    ) throws(EngineError) -> BridgeRecord {
        guard let link = links.first(where: { $0.name == name }) else {
            // As `docker0`, which Docker makes under that name.
            if name == "docker0" || name == "wharf0", let address = wanted ?? Self.freeAddress(addresses, []) {
                return BridgeRecord(interface: name, address: address, isOurs: true)
            }
            throw EngineError(.invalidParameter, "bridge \(name) does not exist: create it, or leave --bridge out")
        }
        guard link.kind == "bridge" else {
            throw EngineError(.invalidParameter, "--bridge \(name) is not a bridge")
        }
        let found = addresses.first { $0.index == link.index }?.prefix
        guard let address = wanted ?? found else {
            throw EngineError(.invalidParameter, "bridge \(name) has no IPv4 address: give it one, or use --bip")
        }
        return BridgeRecord(interface: name, address: address, isOurs: false)
    }

    /// The name is a bridge's or nobody's, and the subnet overlaps nothing but itself.
    private func isUsable(
        _ record: BridgeRecord, _ links: [NetworkLink], _ addresses: [InterfaceAddress], _ routes: [InterfaceRoute]
    ) -> Bool {
        let link = links.first { $0.name == record.interface }
        if let link { return link.kind == "bridge" }
        return !Self.taken(addresses, routes).contains { $0.length > 0 && $0.overlaps(record.address) }
    }

    private static func freeName(_ links: [NetworkLink]) -> String {
        links.contains { $0.name == "docker0" } ? "wharf0" : "docker0"
    }

    private static func taken(_ addresses: [InterfaceAddress], _ routes: [InterfaceRoute]) -> [IPv4Prefix] {
        addresses.map(\.prefix) + routes.map(\.destination)
    }

    private static func freeAddress(_ addresses: [InterfaceAddress], _ routes: [InterfaceRoute]) -> IPv4Prefix? {
        guard let pool = DefaultPools.firstFree(taken: taken(addresses, routes)) else { return nil }
        return IPv4Prefix(IPv4Address(pool.network.rawValue + 1), length: pool.length)
    }

    private func ensureInterface(
        _ record: inout BridgeRecord, _ links: [NetworkLink], _ addresses: [InterfaceAddress],
        _ socket: borrowing NetlinkSocket
    ) throws(Errno) -> Int32 {
        var link = links.first { $0.name == record.interface }
        if link == nil {
            try socket.perform([
                .createBridge(record.interface, address: .random(), mtu: configuration.mtu)
            ])
            link = try socket.link(named: record.interface)
        }
        guard let link else { throw Errno(.noDevice, "RTM_GETLINK", record.interface) }
        if !link.isUp { try socket.perform([.setLinkUp(link.index)]) }
        if !addresses.contains(where: { $0.index == link.index && $0.prefix == record.address }) {
            try socket.perform([.addAddress(record.address, to: link.index)])
        }
        return link.index
    }

    /// Routing on, and the bridge ready for the host's loopback (DESIGN 7) and without IPv6.
    private func enableRouting(_ record: BridgeRecord) throws(EngineError) -> BridgeRecord {
        var record = record
        let boot = KernelSettings.bootID()
        let wasOn = (try? KernelSettings.read("ipv4/ip_forward")) == "1"
        if !wasOn { record.routingTurnedOnInBoot = boot }
        if record.routingTurnedOnInBoot != boot { record.routingTurnedOnInBoot = nil }
        try KernelSettings.set("ipv4/conf/\(record.interface)/route_localnet", "1")
        if record.isOurs, (try? KernelSettings.read("ipv6/conf/\(record.interface)/disable_ipv6")) != nil {
            try KernelSettings.set("ipv6/conf/\(record.interface)/disable_ipv6", "1")
        }
        try KernelSettings.set("ipv4/ip_forward", "1")
        return record
    }
}
