// SPDX-License-Identifier: Apache-2.0

import Linux
import Testing

@testable import Networking

@Suite struct AddressTests {
    @Test(arguments: ["1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1..2.3", "a.b.c.d", "", "1.2.3.4 ", "+1.2.3.4"])
    func malformedAddressesAreRefused(_ text: String) {
        #expect(IPv4Address(text) == nil)
    }

    @Test(arguments: ["1.2.3.4", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/8/8", "/8", "1.2.3.4/008"])
    func malformedPrefixesAreRefused(_ text: String) {
        #expect(IPv4Prefix(text) == nil)
    }

    @Test func prefixesKnowWhatIsTheirs() throws {
        let prefix = try #require(IPv4Prefix("172.17.5.1/16"))
        #expect(prefix.network.description == "172.17.0.0")
        #expect(prefix.last.description == "172.17.255.255")
        #expect(prefix.masked.description == "172.17.0.0/16")
        #expect(prefix.overlaps(try #require(IPv4Prefix("172.17.200.0/24"))))
        #expect(!prefix.overlaps(try #require(IPv4Prefix("172.18.0.0/16"))))
        #expect(try #require(IPv4Prefix("0.0.0.0/0")).overlaps(prefix))
    }

    @Test func addressesAreNeverGivenTwice() throws {
        var generator = Seeded(state: 42)
        var pool = AddressPool(subnet: try #require(IPv4Prefix("10.1.2.0/26")))
        let gateway = try #require(IPv4Address("10.1.2.1"))
        let reserved = pool.reserve(gateway)
        #expect(reserved)
        var held: Set<IPv4Address> = []
        for _ in 0..<5000 {
            if Bool.random(using: &generator), let address = held.randomElement(using: &generator) {
                held.remove(address)
                pool.release(address)
            } else if let address = pool.allocate() {
                #expect(held.insert(address).inserted)
                #expect(pool.isUsable(address) && address != gateway)
            } else {
                #expect(held.count == 61)
            }
        }
    }

    @Test func theLowestFreeAddressComesFirst() throws {
        var pool = AddressPool(subnet: try #require(IPv4Prefix("172.17.0.0/16")))
        let gateway = pool.reserve(IPv4Address(172, 17, 0, 1))
        let first = [pool.allocate(), pool.allocate()]
        #expect(gateway)
        #expect(first == [IPv4Address(172, 17, 0, 2), IPv4Address(172, 17, 0, 3)])
        pool.release(IPv4Address(172, 17, 0, 2))
        let again = pool.allocate()
        #expect(again == IPv4Address(172, 17, 0, 2))
        // Taken, of another subnet, the broadcast address.
        let refused = [IPv4Address(172, 17, 0, 3), IPv4Address(172, 18, 0, 3), IPv4Address(172, 17, 255, 255)]
            .map { pool.reserve($0) }
        #expect(refused == [false, false, false])
    }

    @Test func defaultPoolsSkipWhatTheHostUses() throws {
        func first(_ taken: String...) throws -> String? {
            DefaultPools.firstFree(taken: try taken.map { try #require(IPv4Prefix($0)) })?.description
        }
        #expect(try first() == "172.17.0.0/16")
        #expect(try first("0.0.0.0/0", "192.0.2.2/24") == "172.17.0.0/16")
        #expect(try first("172.17.9.1/24", "172.18.0.0/15") == "172.20.0.0/16")
        #expect(try first("172.16.0.0/12") == "192.168.0.0/20")
        #expect(try first("172.16.0.0/12", "192.168.0.0/16") == nil)
    }

    @Test func hardwareAddresses() {
        #expect(MACAddress("02:42:ac:11:00:02")?.description == "02:42:ac:11:00:02")
        #expect(MACAddress("02-42-AC-11-00-02")?.description == "02:42:ac:11:00:02")
        for text in ["", "02:42", "02:42:ac:11:00:0g", "02:42:ac:11:00:2", "02:42:ac:11:00:02:03", "+2:42:ac:11:00:02"]
        {
            #expect(MACAddress(text) == nil, "\(text)")
        }
        for _ in 0..<100 {
            let address = MACAddress.random()
            #expect(address.isUnicast && address.bytes[0] & 2 == 2)
        }
    }

    @Test func hostAddressesHaveOneSpelling() {
        #expect(HostAddress("[::0:1]")?.description == "::1")
        #expect(HostAddress("::")?.isAny == true)
        #expect(HostAddress("0.0.0.0")?.isAny == true)
        #expect(HostAddress("FE80::A")?.bracketed == "[fe80::a]")
        #expect(HostAddress("localhost") == nil)
        #expect(HostAddress("::1%lo") == nil)
    }
}

/// The same numbers in every run.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
