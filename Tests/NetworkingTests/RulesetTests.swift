// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Glibc
import Linux
import Testing

@testable import Networking

/// The packet filter's rules against Golden/ruleset.nft; `UPDATE_GOLDEN=1` rewrites it.
@Suite struct RulesetTests {
    private static let golden = String(#filePath.dropLast("RulesetTests.swift".count)) + "Golden/ruleset.nft"

    private func port(_ hostIP: IPv4Address, _ hostPort: UInt16) -> Ruleset.Translation {
        Ruleset.Translation(
            transport: .tcp, hostIP: hostIP, hostPort: hostPort, address: IPv4Address(172, 17, 0, 2), port: 80)
    }

    @Test func goldenRuleset() throws {
        var ruleset = Ruleset()
        ruleset.bridges = [.init(name: "docker0", subnet: try #require(IPv4Prefix("172.17.0.1/16")))]
        ruleset.ports = [port(.any, 18080), port(.loopback, 8081), port(.any, 443)]
        ruleset.dropsForeignTraffic = true
        let script = Array(ruleset.script.utf8)
        if getenv("UPDATE_GOLDEN") != nil {
            let file = try FileDescriptor.open(Self.golden, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
            try file.writeAll(script)
        }
        let wanted = try FileDescriptor.open(Self.golden, O_RDONLY).readAll(limit: 1 << 20)
        #expect(String(decoding: script, as: UTF8.self) == String(decoding: wanted, as: UTF8.self))
    }

    @Test func changesAreElements() {
        #expect(
            Ruleset.change(add: [port(.any, 1)], remove: [port(.loopback, 2)])
                == "delete element inet wharf published { tcp . 127.0.0.1 . 2 }\n"
                + "add element inet wharf published_any { tcp . 1 : 172.17.0.2 . 80 }\n")
    }

    @Test func foreignTrafficIsLeftAloneWhereRoutingWasOn() {
        #expect(!Ruleset().script.contains("iifname != @bridges oifname != @bridges drop"))
    }
}
