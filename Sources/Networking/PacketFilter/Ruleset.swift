// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

/// The packet filter as Wharf wants it: a value, rendered to nft(8)'s language.
///
/// Chains are the same for any number of containers; bridges and published ports are elements of sets and maps. IPv6
/// is not translated: netd relays it.
struct Ruleset: Equatable, Sendable {
    /// The bridges' names and subnets.
    var bridges: [Bridge] = []
    var ports: Set<Translation> = []
    /// Wharf turned routing on for this host: what concerns no container is dropped, so that the host routes for nobody
    /// else than it did.
    var dropsForeignTraffic = false

    struct Bridge: Equatable, Sendable {
        var name: String
        var subnet: IPv4Prefix
    }

    /// One published IPv4 port.
    struct Translation: Hashable, Sendable {
        var transport: PortSpec.Transport
        /// `.any`: every address of the host, loopback included.
        var hostIP: IPv4Address
        var hostPort: UInt16
        var address: IPv4Address
        var port: UInt16

        var map: String { hostIP == .any ? "published_any" : "published" }
        var key: String {
            hostIP == .any ? "\(transport) . \(hostPort)" : "\(transport) . \(hostIP) . \(hostPort)"
        }
        var element: String { "\(key) : \(address) . \(port)" }
    }

    /// Replaces whatever is there by this, in one transaction.
    var script: String {
        let names = bridges.map { "\"\($0.name)\"" }
        return """
            table inet wharf
            delete table inet wharf
            table inet wharf {
            \tmap published {
            \t\ttype inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service
            \(elements(of: "published"))\t}
            \tmap published_any {
            \t\ttype inet_proto . inet_service : ipv4_addr . inet_service
            \(elements(of: "published_any"))\t}
            \tset bridges {
            \t\ttype ifname
            \(Self.elements(names))\t}
            \tset same_bridge {
            \t\ttype ifname . ifname
            \(Self.elements(names.map { "\($0) . \($0)" }))\t}
            \tset subnets {
            \t\ttype ipv4_addr
            \t\tflags interval
            \(Self.elements(bridges.map { "\($0.subnet.masked)" }))\t}
            \(Self.chains(dropsForeignTraffic: dropsForeignTraffic))}

            """
    }

    /// Adds and removes elements, in one transaction; fails, changing nothing, if one to remove is not there.
    static func change(add: [Translation], remove: [Translation]) -> String {
        var text = ""
        for port in remove { text += "delete element inet wharf \(port.map) { \(port.key) }\n" }
        for port in add { text += "add element inet wharf \(port.map) { \(port.element) }\n" }
        return text
    }

    private func elements(of map: String) -> String {
        Self.elements(ports.filter { $0.map == map }.map(\.element).sorted())
    }

    private static func elements(_ list: [String]) -> String {
        list.isEmpty ? "" : "\t\telements = { \(list.joined(separator: ", ")) }\n"
    }

    private static func chains(dropsForeignTraffic: Bool) -> String {
        let foreign = dropsForeignTraffic ? "\t\tiifname != @bridges oifname != @bridges drop\n" : ""
        // guard: route_localnet lets 127/8 in from a wire; nobody but the host itself may speak to its loopback. BEFORE
        // connection tracking, so that it does not see the translated answers to the host's own connections.
        return """
            \tchain guard {
            \t\ttype filter hook prerouting priority raw; policy accept;
            \t\tiifname != "lo" ip saddr 127.0.0.0/8 drop
            \t\tiifname != "lo" ip daddr 127.0.0.0/8 drop
            \t}
            \tchain publish {
            \t\tdnat ip to meta l4proto . ip daddr . th dport map @published
            \t\tdnat ip to meta l4proto . th dport map @published_any
            \t}
            \tchain prerouting {
            \t\ttype nat hook prerouting priority dstnat; policy accept;
            \t\tmeta nfproto ipv4 fib daddr type local jump publish
            \t}
            \tchain output {
            \t\ttype nat hook output priority -100; policy accept;
            \t\tmeta nfproto ipv4 fib daddr type local jump publish
            \t}
            \tchain postrouting {
            \t\ttype nat hook postrouting priority srcnat; policy accept;
            \t\tip saddr 127.0.0.0/8 oifname @bridges masquerade
            \t\tct status dnat ip saddr @subnets oifname @bridges masquerade
            \t\tip saddr @subnets oifname != @bridges masquerade
            \t}
            \tchain forward {
            \t\ttype filter hook forward priority filter; policy accept;
            \t\toifname @bridges jump to_containers
            \(foreign)\t}
            \tchain to_containers {
            \t\tct state established,related accept
            \t\tct status dnat accept
            \t\tiifname . oifname @same_bridge accept
            \t\tdrop
            \t}

            """
    }
}
