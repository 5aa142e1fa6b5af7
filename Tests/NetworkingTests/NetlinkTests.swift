// SPDX-License-Identifier: Apache-2.0

import Linux
import Testing

/// Against bytes as iproute2 sends them (little-endian machines).
@Suite struct NetlinkTests {
    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func addressMessage() throws {
        let prefix = try #require(IPv4Prefix("172.17.0.2/16"))
        let message = NetlinkMessage.addAddress(prefix, to: 2)
        #expect(
            hex(message.finished(sequence: 1))
                == "30000000" + "1400" + "0506" + "01000000" + "00000000" + "02100000" + "02000000" + "08000200ac110002"
                + "08000100ac110002" + "08000400ac11ffff")
    }

    @Test func defaultRouteMessage() throws {
        let gateway = try #require(IPv4Address("172.17.0.1"))
        let message = NetlinkMessage.addDefaultRoute(gateway: gateway, through: 2)
        #expect(
            hex(message.finished(sequence: 7))
                == "2c000000" + "1800" + "0506" + "07000000" + "00000000" + "02000000fe040001" + "00000000"
                + "08000500ac110001" + "0800040002000000")
    }

    @Test func vethMessageNestsItsPeer() throws {
        let veth = VethPair(
            hostName: "v", bridge: 3, peerName: "eth0", peerIndex: 2,
            peerAddress: try #require(MACAddress("02:00:00:00:00:01")), mtu: 1500)
        let bytes = NetlinkMessage.createVeth(veth, namespace: 9).finished(sequence: 1)
        let replies = try NetlinkReply.parse(bytes)
        let top = try NetlinkAttributes(try #require(replies.first).payload[16...])
        #expect(top.string(RouteNumber.linkName) == "v")
        #expect(top.uint32(RouteNumber.linkMaster) == 3)
        let info = try #require(try top.nested(RouteNumber.linkInfo))
        #expect(info.string(RouteNumber.infoKind) == "veth")
        let data = try #require(try info.nested(RouteNumber.infoData))
        let peer = try #require(data.bytes(RouteNumber.vethPeer))
        #expect(Array(peer[4..<8]) == [2, 0, 0, 0])
        let attributes = try NetlinkAttributes(peer[16...])
        #expect(attributes.string(RouteNumber.linkName) == "eth0")
        #expect(attributes.uint32(RouteNumber.linkNamespaceDescriptor) == 9)
        #expect(attributes.bytes(RouteNumber.linkAddress) == [2, 0, 0, 0, 0, 1])
    }

    @Test func lengthsOutsideAreRefused() throws {
        let good = NetlinkMessage.setLinkUp(1).finished(sequence: 1)
        #expect(try NetlinkReply.parse(good).count == 1)
        for length in [UInt8(0), 15, UInt8(good.count + 1), 255] {
            var bad = good
            bad[0] = length
            #expect(throws: Errno.self) { try NetlinkReply.parse(bad) }
        }
        #expect(throws: Errno.self) { try NetlinkReply.parse(good + [1]) }
        #expect(throws: Errno.self) { try NetlinkAttributes([3, 0, 1, 0]) }
        #expect(throws: Errno.self) { try NetlinkAttributes([9, 0, 1, 0, 1, 2, 3, 4]) }
        #expect(throws: Errno.self) { try NetlinkAttributes([4, 0]) }
    }

    /// Whatever comes, the parsers return or throw.
    @Test func noiseNeverTraps() {
        var generator = Noise(state: 7)
        let seed = NetlinkMessage.setHairpin("docker0").finished(sequence: 1)
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<4 {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next() >> 8)
            }
            for reply in (try? NetlinkReply.parse(bytes)) ?? [] {
                _ = try? NetworkLink(reply.payload)
                _ = try? InterfaceAddress(reply.payload)
                _ = try? InterfaceRoute(reply.payload)
            }
        }
    }

    private struct Noise: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 31
        }
    }
}
