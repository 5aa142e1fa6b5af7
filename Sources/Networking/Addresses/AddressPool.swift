// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The addresses of one subnet: which are taken, and which comes next.
///
/// As Docker's default bridge, it hands out the lowest free address, so that the first container is at `.2`.
struct AddressPool: Sendable {
    let subnet: IPv4Prefix
    private(set) var taken: Set<IPv4Address> = []
    /// No address below this one is free.
    private var lowest: UInt32

    /// The first and last addresses of the subnet (its own name and the broadcast address) are nobody's.
    init(subnet: IPv4Prefix) {
        self.subnet = subnet.masked
        lowest = subnet.network.rawValue + 1
    }

    /// Whether a host may have this address.
    func isUsable(_ address: IPv4Address) -> Bool {
        subnet.contains(address) && address != subnet.network && address != subnet.last
    }

    /// Takes the lowest free address; nil when all are taken.
    mutating func allocate() -> IPv4Address? {
        guard subnet.length <= 30 else { return nil }
        while lowest < subnet.last.rawValue {
            let address = IPv4Address(lowest)
            lowest += 1
            if taken.insert(address).inserted { return address }
        }
        return nil
    }

    /// Takes this address; false if it is taken or not one of the subnet's.
    mutating func reserve(_ address: IPv4Address) -> Bool {
        isUsable(address) && taken.insert(address).inserted
    }

    mutating func release(_ address: IPv4Address) {
        guard taken.remove(address) != nil else { return }
        lowest = min(lowest, address.rawValue)
    }
}
