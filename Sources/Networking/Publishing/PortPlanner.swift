// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

/// Turns `-p` and `-P` as they are on the wire into ports of the host.
struct PortPlanner {
    /// Whether `::` is published beside `0.0.0.0`.
    var hasIPv6: Bool

    /// One binding, read and checked: where, and what port of the host.
    struct Wish: Equatable {
        var container: PortSpec
        var addresses: [HostAddress]
        /// nil: any.
        var range: ClosedRange<UInt16>?
    }

    /// Reads every binding, in the order of the container's ports. Throws for one that makes no sense.
    func wishes(_ request: SandboxRequest) throws(EngineError) -> [Wish] {
        var wishes: [Wish] = []
        var bindings = request.portBindings
        if request.publishAllPorts {
            for port in request.exposedPorts where (bindings[port] ?? nil)?.isEmpty ?? true {
                bindings[port] = [PortBinding(hostPort: "")]
            }
        }
        for (port, list) in bindings.sorted(by: { $0.key < $1.key }) {
            for binding in list ?? [] {
                guard port.transport != .sctp else {
                    throw EngineError(.notImplemented, "publishing SCTP ports is not implemented: \(port)")
                }
                wishes.append(
                    Wish(
                        container: port, addresses: try addresses(binding.hostIP),
                        range: try range(binding.hostPort)))
            }
        }
        return wishes
    }

    private func addresses(_ text: String) throws(EngineError) -> [HostAddress] {
        if text.isEmpty { return hasIPv6 ? [.anyV4, .anyV6] : [.anyV4] }
        guard let address = HostAddress(text) else {
            throw EngineError(.invalidParameter, "invalid IP address: \(text)")
        }
        return [address]
    }

    /// Reads `8080`, `8000-8010`; empty and `0` mean any.
    private func range(_ text: String) throws(EngineError) -> ClosedRange<UInt16>? {
        if text.isEmpty || text == "0" { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ? UInt16(part) : nil
        }
        guard (1...2).contains(parts.count), numbers.count == parts.count, let first = numbers.first,
            let last = numbers.last, first > 0, first <= last
        else { throw EngineError(.invalidParameter, "invalid port specification: \"\(text)\"") }
        return first...last
    }

    /// Takes a port for every wish; on failure takes none.
    func reserve(_ wishes: [Wish], in table: inout PortTable) throws(EngineError) -> [PublishedPort] {
        var copy = table
        var ports: [PublishedPort] = []
        for wish in wishes {
            let range = wish.range ?? table.ephemeral
            guard let port = copy.reserveAny(wish.container.transport, in: range, at: wish.addresses) else {
                throw Self.allocated(wish, in: copy)
            }
            ports.append(
                PublishedPort(
                    container: wish.container, hostIPs: wish.addresses.map(\.description), hostPort: port,
                    lowestChoice: range.lowerBound, highestChoice: range.upperBound))
        }
        table = copy
        return ports
    }

    private static func allocated(_ wish: Wish, in table: PortTable) -> EngineError {
        guard let range = wish.range, range.count == 1 else {
            return EngineError(.system, "all ports are allocated")
        }
        let port = PortSpec(range.lowerBound, wish.container.transport)
        let address = table.conflict(port, at: wish.addresses) ?? wish.addresses.first ?? .anyV4
        return EngineError(
            .system, "Bind for \(address.bracketed):\(port.port) failed: port is already allocated")
    }
}

extension PublishedPort {
    var hostSpec: PortSpec { PortSpec(hostPort, container.transport) }
    var addresses: [HostAddress] { hostIPs.compactMap { HostAddress($0) } }
    var hasChoice: Bool { lowestChoice < highestChoice }
    var choices: ClosedRange<UInt16> { lowestChoice...max(lowestChoice, highestChoice) }

    /// What the packet filter does: IPv4 addresses lead to the container's.
    func translations(to address: IPv4Address) -> [Ruleset.Translation] {
        addresses.compactMap { host in
            guard case .v4(let hostIP) = host else { return nil }
            return Ruleset.Translation(
                transport: container.transport, hostIP: hostIP, hostPort: hostPort, address: address,
                port: container.port)
        }
    }
}
