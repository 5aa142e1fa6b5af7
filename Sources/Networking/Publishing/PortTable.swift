// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

/// The host's ports that containers have, and which comes next when any will do.
struct PortTable: Sendable {
    /// What the host gives out itself: net.ipv4.ip_local_port_range.
    let ephemeral: ClosedRange<UInt16>
    /// Transport and port to the addresses that are taken.
    private var taken: [PortSpec: Set<HostAddress>] = [:]
    private var next: [PortSpec.Transport: UInt16] = [:]

    static let defaultEphemeral: ClosedRange<UInt16> = 32768...60999

    init(ephemeral: ClosedRange<UInt16> = Self.defaultEphemeral) { self.ephemeral = ephemeral }

    /// Takes the port at all of the addresses, or at none; false if one of them is taken there.
    mutating func reserve(_ port: PortSpec, at addresses: [HostAddress]) -> Bool {
        guard conflict(port, at: addresses) == nil else { return false }
        taken[port, default: []].formUnion(addresses)
        return true
    }

    /// The first of the addresses at which the port is taken: by itself, or by a wildcard of its kind.
    func conflict(_ port: PortSpec, at addresses: [HostAddress]) -> HostAddress? {
        guard let holders = taken[port] else { return nil }
        return addresses.first { address in
            holders.contains { holder in
                holder == address || holder.isV6 == address.isV6 && (holder.isAny || address.isAny)
            }
        }
    }

    mutating func release(_ port: PortSpec, at addresses: [HostAddress]) {
        taken[port]?.subtract(addresses)
        if taken[port]?.isEmpty == true { taken[port] = nil }
    }

    /// Takes the first free port of a range; in the ephemeral range it goes round, so that a port just given up rests.
    mutating func reserveAny(
        _ transport: PortSpec.Transport, in range: ClosedRange<UInt16>, at addresses: [HostAddress],
        except refused: Set<UInt16> = []
    ) -> UInt16? {
        let first = range == ephemeral ? next[transport] ?? range.lowerBound : range.lowerBound
        let order = Array(first...range.upperBound) + Array(range.lowerBound..<first)
        for port in order where !refused.contains(port) {
            if reserve(PortSpec(port, transport), at: addresses) {
                if range == ephemeral { next[transport] = port == range.upperBound ? range.lowerBound : port + 1 }
                return port
            }
        }
        return nil
    }
}
