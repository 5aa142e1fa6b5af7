// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// The default bridge and its published ports, on a host made for each test. Needs root.
@Suite(.serialized) struct BridgeTests {
    @Test func publishedPortsAreReachedFromEverywhere() throws {
        try Lab.with { lab in
            let web = try lab.apply("web ,18080,80")
            #expect(web.address == "172.17.0.2")
            #expect(web.words.dropFirst(3) == ["80/tcp=0.0.0.0/18080", "80/tcp=::/18080"])
            try lab.serve(web.enter, port: 80)
            for url in ["127.0.0.1:18080", "198.51.100.1:18080", "172.17.0.1:18080", "[::1]:18080", "172.17.0.2:80"] {
                #expect(try lab.reaches(lab.host, url), "from the host: \(url)")
            }
            #expect(try lab.reaches(lab.outside, "198.51.100.1:18080"))
            let other = try lab.apply("other")
            #expect(other.address == "172.17.0.3")
            for url in ["172.17.0.1:18080", "198.51.100.1:18080", "172.17.0.2:80"] {
                #expect(try lab.reaches(other.enter, url), "from a container: \(url)")
            }
            #expect(try lab.reaches(web.enter, "172.17.0.1:18080"), "a container reaches itself")
        }
    }

    @Test func whatIsNotPublishedIsNotReachedFromOutside() throws {
        try Lab.with { lab in
            let web = try lab.apply("web 127.0.0.1,18080,80")
            try lab.serve(web.enter, port: 80)
            #expect(try lab.reaches(lab.host, "127.0.0.1:18080"))
            #expect(try !lab.reaches(lab.outside, "172.17.0.2:80", patience: 1), "past the host's addresses")
            #expect(try !lab.reaches(lab.outside, "198.51.100.1:18080", patience: 1), "published on loopback only")
            // The host's loopback from the wire: CVE-2020-8558.
            try lab.shell("ip -n \(lab.name)x route add 127.0.0.0/9 via 198.51.100.1 dev eth0 table 5", mayFail: true)
            try lab.shell("\(lab.outside) sysctl -qw net.ipv4.conf.all.route_localnet=1")
            try lab.shell("ip -n \(lab.name)x rule add to 127.0.0.1 table 5 priority 0", mayFail: true)
            #expect(try !lab.reaches(lab.outside, "127.0.0.1:18080", patience: 1), "the host's loopback from outside")
        }
    }

    @Test func containersReachOutBehindTheHostsAddress() throws {
        try Lab.with { lab in
            try lab.serve(lab.outside, port: 90)
            let web = try lab.apply("web")
            #expect(try lab.reaches(web.enter, "198.51.100.2:90"))
            // Without masquerading the answer would need this route.
            try lab.shell("ip -n \(lab.name)x route del 172.16.0.0/12")
            #expect(try lab.reaches(web.enter, "198.51.100.2:90"))
        }
    }

    @Test func portsInUseAreRefused() throws {
        try Lab.with { lab in
            _ = try lab.apply("web ,18080,80")
            let own = lab.ask("apply two ,18080,80")
            #expect(own.hasPrefix("error failed to set up container networking: driver failed programming external"))
            #expect(own.hasSuffix("Bind for 0.0.0.0:18080 failed: port is already allocated"))
            try lab.serve(lab.host, port: 19000)
            let foreign = lab.ask("apply three ,19000,80")
            #expect(foreign.hasSuffix("failed to bind host port 0.0.0.0:19000/tcp: address already in use"))
            for name in ["two", "three"] { _ = lab.ask("release " + name) }
            // Any of a range will do.
            let four = try lab.apply("four 0.0.0.0,19000-19001,80")
            #expect(four.words.last == "80/tcp=0.0.0.0/19001")
            // A published port is nobody else's.
            let thief = try lab.shell("\(lab.host) timeout 1 busybox nc -l -p 18080 2>&1", mayFail: true)
            #expect(thief.contains("in use"), "\(thief)")
        }
    }

    @Test func aFlushIsRepaired() throws {
        try Lab.with { lab in
            let web = try lab.apply("web ,18080,80")
            try lab.serve(web.enter, port: 80)
            let before = try lab.shell("\(lab.host) nft list ruleset")
            try lab.shell("\(lab.host) nft flush ruleset")
            _ = try lab.apply("next")
            #expect(try lab.shell("\(lab.host) nft list ruleset") == before)
            #expect(try lab.reaches(lab.outside, "198.51.100.1:18080"))
        }
    }

    @Test func releaseLeavesNothing() throws {
        try Lab.with { lab in
            let rules = try lab.shell("\(lab.host) nft list ruleset")
            for round in 0..<3 {
                let web = try lab.apply("web ,18080,80 ,,81/udp")
                #expect(web.address == "172.17.0.2", "round \(round)")
                _ = lab.ask("release web")
                _ = lab.ask("release web")
                #expect(try lab.shell("\(lab.host) nft list ruleset") == rules)
                #expect(try lab.shell("\(lab.host) ss -lntuH").isEmpty)
            }
            var links = ""
            for _ in 0..<100 {
                links = try lab.shell("ip -n \(lab.name) -br link")
                if !links.contains("veth") { break }
                usleep(20_000)
            }
            #expect(!links.contains("veth"), "\(links)")
        }
    }

    @Test func aDeletedBridgeIsMadeAnew() throws {
        try Lab.with { lab in
            let web = try lab.apply("web ,18080,80")
            try lab.serve(web.enter, port: 80)
            try lab.shell("ip -n \(lab.name) link del docker0")
            let next = try lab.apply("next")
            #expect(try lab.reaches(next.enter, "172.17.0.2:80"))
            #expect(try lab.reaches(lab.outside, "198.51.100.1:18080"))
        }
    }

    @Test func isolatedAndSharedNamespaces() throws {
        try Lab.with { lab in
            let none = try lab.apply("none none")
            #expect(try lab.shell("\(none.enter) ip -br address").split(separator: "\n").count == 1)
            #expect(try lab.shell("\(none.enter) ip address").contains("127.0.0.1/8"))
            #expect(lab.ask("apply host host") == "applied -1 -")
            let web = try lab.apply("web")
            let eth0 = try lab.shell("\(web.enter) ip address show eth0")
            #expect(eth0.contains("172.17.0.2/16") && !eth0.contains("inet6"))
        }
    }

    @Test func theBridgesAddressIsTheUsers() throws {
        try Lab.with(["bip=10.99.3.1/24"]) { lab in
            let web = try lab.apply("web")
            #expect(web.address == "10.99.3.2")
        }
    }
}
