// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// What lives on when the daemon or netd is killed. Needs root.
@Suite(.serialized) struct RestartTests {
    @Test func publishedPortsOutliveTheDaemon() throws {
        try Lab.with { lab in
            let web = try lab.apply("web ,18080,80")
            try lab.serve(web.enter, port: 80)
            _ = try lab.apply("dead ,18081,80")
            lab.probe.kill()
            for url in ["127.0.0.1:18080", "[::1]:18080"] { #expect(try lab.reaches(lab.host, url), "\(url)") }
            #expect(try lab.reaches(lab.outside, "198.51.100.1:18080"))

            try lab.restartProbe()
            #expect(try lab.reaches(lab.outside, "198.51.100.1:18080"), "before anything is adopted")
            #expect(lab.ask("adopt web") == "adopted web")
            #expect(try lab.reaches(lab.outside, "198.51.100.1:18080"))
            #expect(try lab.reaches(lab.host, "[::1]:18080"))
            // The dead one's port and address are free again, the living one's are not.
            #expect(try lab.apply("next ,18081,80").address == "172.17.0.3")
            #expect(lab.ask("apply third ,18080,80").hasSuffix("port is already allocated"))
        }
    }

    @Test func netdIsStartedAnewWithItsPorts() throws {
        try Lab.with { lab in
            let web = try lab.apply("web ,18080,80")
            try lab.serve(web.enter, port: 80)
            let listener = try lab.shell("\(lab.host) ss -lntpH sport = :18080")
            let pid = try #require(listener.split(separator: "pid=").dropFirst().first?.split(separator: ",").first)
            Glibc.kill(try #require(pid_t(pid)), SIGKILL)
            _ = try lab.apply("next ,18081,80")
            #expect(try lab.reaches(lab.host, "[::1]:18080"))
            #expect(try lab.shell("\(lab.host) ss -lntH sport = :18080").contains("0.0.0.0:18080"))
        }
    }

    @Test func netdEndsWhenNothingIsPublished() throws {
        try Lab.with { lab in
            _ = try lab.apply("web ,18080,80")
            _ = lab.ask("release web")
            lab.probe.kill()
            var left = "?"
            for _ in 0..<100 where !left.isEmpty {
                usleep(20_000)
                left = try lab.shell("ip netns pids \(lab.name)")
            }
            #expect(left.isEmpty, "processes \(left)")
        }
    }

    @Test func datagramsReachContainersThroughBothProtocols() throws {
        try Lab.with { lab in
            let echo = try lab.apply("echo ,9000,90/udp")
            let server = try Child(
                "\(echo.enter) socat -T5 UDP4-RECVFROM:90,fork EXEC:cat".split(separator: " ").map(String.init))
            defer { server.kill() }
            try lab.awaitServer(echo.enter, "-u", port: 90)
            for target in ["UDP4:127.0.0.1:9000", "UDP6:[::1]:9000", "UDP4:198.51.100.1:9000"] {
                let text = try lab.shell("echo hello | \(lab.host) socat -t1 - \(target)", mayFail: true)
                #expect(text == "hello\n", "\(target)")
            }
        }
    }
}
