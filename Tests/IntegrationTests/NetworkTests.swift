// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// Addresses, publishing and names.
@Suite(.serialized) struct NetworkTests {
    @Test(arguments: [Client.docker, .wharf])
    func publishedPortsAreReachable(client: Client) throws {
        try TestEngine.with { engine in
            try engine.withOutside { outside in
                try engine.ok(
                    "run", "-d", "--name", "web", "-p", "18080:80", "busybox", "httpd", "-f", "-h", "/www", by: client)
                for url in ["http://127.0.0.1:18080/", "http://\(outside.host):18080/", "http://[::1]:18080/"] {
                    #expect(eventually { (try? engine.fetch(url).stdout.contains("It works")) ?? false }, "\(url)")
                }
                let page = try outside.run(["curl", "-sS", "--max-time", "5", "http://\(outside.host):18080/"])
                #expect(page.stdout.contains("It works"), "\(page)")
                try engine.ok("rm", "-f", "web", by: client)
                #expect(try engine.fetch("http://127.0.0.1:18080/").status != 0)
            }
        }
    }

    @Test func publishingToAnAddressOrAnyPort() throws {
        try TestEngine.with { engine in
            try engine.withOutside { outside in
                try engine.ok(
                    "run", "-d", "--name", "local", "-p", "127.0.0.1:18081:80", "busybox", "httpd", "-f", "-h", "/www")
                #expect(eventually { (try? engine.fetch("http://127.0.0.1:18081/").status == 0) ?? false })
                #expect(
                    try outside.run(["curl", "-sS", "--max-time", "1", "http://\(outside.host):18081/"]).status != 0)
                try engine.ok("run", "-d", "--name", "any", "-p", "80", "busybox", "httpd", "-f", "-h", "/www")
                let address = try #require(try engine.ok("port", "any", "80").linesOfText.first)
                let port = try #require(address.split(separator: ":").last.flatMap { Int($0) })
                #expect((32768...60999).contains(port))
                #expect(eventually { (try? engine.fetch("http://127.0.0.1:\(port)/").status == 0) ?? false })
                try engine.ok("run", "-d", "--name", "range", "-p", "18090-18092:90-92", "busybox", "sleep", "300")
                #expect(try engine.ok("port", "range").linesOfText.filter { $0.contains("0.0.0.0") }.count == 3)
            }
        }
    }

    @Test(arguments: [Client.docker, .wharf], [[], ["--network", "bridge"]])
    func aContainerHasTheMACAddressItAskedFor(client: Client, network: [String]) throws {
        try TestEngine.with { engine in
            let address = "02:42:ac:11:00:99"
            try engine.command(
                ["run", "-d", "--name", "c1", "--mac-address", address] + network + ["busybox", "sleep", "300"],
                by: client)
            #expect(try engine.ok("exec", "c1", "cat", "/sys/class/net/eth0/address") == address)
            #expect(try engine.inspect("c1", "{{.NetworkSettings.Networks.bridge.MacAddress}}") == address)
        }
    }

    @Test func containersReachEachOtherAndTheOutside() throws {
        try TestEngine.with { engine in
            try engine.withOutside { outside in
                try engine.ok("run", "-d", "--name", "a1", "busybox", "httpd", "-f", "-h", "/www")
                let address = try engine.inspect("a1", "{{.NetworkSettings.Networks.bridge.IPAddress}}")
                let page = try engine("run", "--rm", "busybox", "timeout", "3", "wget", "-qO-", "http://\(address)/")
                #expect(page.stdout.contains("It works"), "\(page)")
                // The other host sees the engine's own address, not the container's
                let listener = try RunningCommand(
                    [
                        "nsenter", "--net=/run/netns/\(engine.name)x", "python3", "-c",
                        """
                        import socket
                        s = socket.create_server(("\(outside.own)", 9))
                        print("listens", flush=True)
                        c, peer = s.accept()
                        print(peer[0], c.recv(100).decode())
                        """,
                    ])
                #expect(eventually { listener.outputSoFar == "listens\n" })
                _ = try engine("run", "--rm", "busybox", "sh", "-c", "echo hi | timeout 3 nc \(outside.own) 9")
                #expect(eventually { !listener.isRunning })
                let said = try listener.wait()
                #expect(said.text == "listens\n\(outside.host) hi", "\(said)")
                // Its published port is reachable from another container by the host's address
                try engine.ok("run", "-d", "--name", "web", "-p", "18080:80", "busybox", "httpd", "-f", "-h", "/www")
                #expect(
                    try engine(
                        "run", "--rm", "busybox", "timeout", "3", "wget", "-qO-", "http://\(outside.host):18080/"
                    ).stdout
                        .contains("It works"))
            }
        }
    }

    @Test func addressesAreNeverGivenTwice() throws {
        try TestEngine.with { engine in
            var commands: [RunningCommand] = []
            for index in 0..<8 {
                commands.append(try engine.begin("run", "-d", "--name", "c\(index)", "busybox", "sleep", "300"))
            }
            for command in commands { #expect(try command.wait().status == 0) }
            func address(_ name: String) throws -> String {
                try engine.inspect(name, "{{.NetworkSettings.Networks.bridge.IPAddress}}")
            }
            let all = try (0..<8).map { try address("c\($0)") }
            #expect(Set(all).count == 8 && !all.contains("172.17.0.1"), "\(all)")
            try engine.stop(SIGKILL)
            try engine.start()
            try engine.ok("run", "-d", "--name", "after", "busybox", "sleep", "300")
            #expect(!all.contains(try address("after")), "a new daemon knows what is taken")
        }
    }

    @Test func filesNameTheContainer() throws {
        try TestEngine.with { engine in
            let text = try engine.ok("run", "--rm", "-h", "me", "busybox", "sh", "-c", "cat /etc/hosts; hostname -i")
            #expect(text.contains("127.0.0.1\tlocalhost"))
            #expect(text.linesOfText.contains { $0.hasPrefix("172.17.0.") && $0.hasSuffix("\tme") }, "\(text)")
            #expect(
                try engine.ok("run", "--rm", "busybox", "cat", "/etc/resolv.conf").contains("nameserver")
                    || !(readText("/etc/resolv.conf") ?? "").contains("nameserver"))
            #expect(
                try engine.ok("run", "--rm", "busybox", "sh", "-c", "ip -o -4 address show eth0").contains("172.17.0."))
            #expect(try engine.ok("run", "--rm", "busybox", "ip", "route").contains("default via 172.17.0.1 dev eth0"))
            #expect(
                try engine.ok("run", "--rm", "--network", "none", "busybox", "cat", "/etc/hosts").contains(
                    "127.0.0.1\tlocalhost"))
        }
    }

    @Test func hostNetworkIsTheHosts() throws {
        try TestEngine.with { engine in
            try engine.withOutside { outside in
                try engine.ok(
                    "run", "-d", "--network", "host", "--name", "web", "busybox", "httpd", "-f", "-p", "18082", "-h",
                    "/www")
                #expect(eventually { (try? engine.fetch("http://127.0.0.1:18082/").status == 0) ?? false })
                #expect(
                    try outside.run(["curl", "-sS", "--max-time", "3", "http://\(outside.host):18082/"]).status == 0)
                #expect(try engine.inspect("web", "{{json .NetworkSettings.Ports}}") == "{}")
            }
        }
    }

    /// Someone who flushes the rules does not cut containers off for good: the next start repairs them.
    @Test func flushedRulesAreRepaired() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "web", "-p", "18080:80", "busybox", "httpd", "-f", "-h", "/www")
            #expect(eventually { (try? engine.fetch("http://127.0.0.1:18080/").status == 0) ?? false })
            try mustRun(engine.inNamespace(["nft", "flush", "ruleset"]))
            try engine.stop(SIGKILL)
            try engine.start()
            #expect(eventually { (try? engine.fetch("http://127.0.0.1:18080/").status == 0) ?? false })
        }
    }
}
