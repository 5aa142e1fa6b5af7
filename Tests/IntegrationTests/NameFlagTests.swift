// SPDX-License-Identifier: Apache-2.0

import Testing

/// Names, name servers and ports.
@Suite(.serialized) struct NameFlagTests {
    private static let clients = [Client.docker, .wharf]

    @Test(arguments: clients)
    func resolverAndHosts(client: Client) throws {
        try TestEngine.with { engine in
            func output(_ flags: [String], _ command: String) throws -> String {
                let outcome = try engine.command(
                    ["run", "--rm"] + flags + ["busybox", "sh", "-c", command], by: client)
                guard outcome.status == 0 else { throw Failure("\(flags): \(outcome)") }
                return outcome.text
            }
            let flags = [
                "--dns", "1.2.3.4", "--dns", "5.6.7.8", "--dns-search", "a.example", "--dns-search", "b.example",
                "--dns-option", "ndots:3", "--dns-opt", "timeout:1",
            ]
            let text = try output(flags, "cat /etc/resolv.conf").linesOfText.filter { !$0.hasPrefix("#") }
            #expect(
                text == [
                    "nameserver 1.2.3.4", "nameserver 5.6.7.8", "search a.example b.example",
                    "options ndots:3 timeout:1",
                ])
            let none = try output(["--dns-search", "."], "cat /etc/resolv.conf")
            #expect(!none.linesOfText.contains { $0.hasPrefix("search") }, "\(none)")
            let hosts = try output(
                ["--add-host", "one:1.2.3.4", "--add-host", "six=[2001:db8::1]", "--add-host", "gw:host-gateway"],
                "cat /etc/hosts")
            #expect(hosts.contains("1.2.3.4\tone") && hosts.contains("2001:db8::1\tsix"), "\(hosts)")
            let gateway = try output([], "ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p'")
            #expect(hosts.contains("\(gateway)\tgw"), "\(hosts)")
            let id = try engine.ok(
                "create", "--add-host", "six=[2001:db8::1]", "--dns", "1.2.3.4", "busybox", by: client)
            #expect(
                try engine.inspect(id, "{{.HostConfig.ExtraHosts}} {{.HostConfig.Dns}}")
                    == "[six:2001:db8::1] [1.2.3.4]")
            for (body, message) in [
                (#"{"Dns":["x"]}"#, "IP address is not correctly formatted: x"),
                (#"{"DnsSearch":["a\nnameserver 6.6.6.6"]}"#, "invalid DnsSearch"),
                (#"{"ExtraHosts":["x"]}"#, "bad format for add-host"),
                (#"{"ExtraHosts":["x:y"]}"#, "invalid IP address in add-host"),
            ] {
                let answer = try engine.http(
                    "POST", "/containers/create", body: #"{"Image":"busybox","HostConfig":\#(body)}"#)
                #expect(answer.status == 400 && answer.text.contains(message), "\(answer.text)")
            }
        }
    }

    @Test(arguments: clients)
    func everyExposedPortIsPublished(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "web", "-P", "--expose", "80", "--expose", "53/udp", "busybox", "httpd", "-f",
                "-h",
                "/www", by: client)
            let port = try engine.ok("port", "web", "80/tcp", by: client).linesOfText[0].split(separator: ":").last
            let number = try #require(port.flatMap { Int($0) })
            #expect(number > 1023)
            let page = try run(engine.inNamespace(["wget", "-q", "-O", "-", "http://127.0.0.1:\(number)/"]))
            #expect(page.stdout.contains("It works"), "\(page)")
            #expect(try engine.ok("port", "web", by: client).contains("53/udp -> 0.0.0.0:"))
        }
    }

    @Test(arguments: clients)
    func filesOfLabelsAndVariables(client: Client) throws {
        try TestEngine.with { engine in
            let labels = engine.folder + "/labels", variables = engine.folder + "/variables"
            try writeFile(labels, Array("# none\none=1\n two=2 \nthree\n\n".utf8))
            try writeFile(variables, Array("A=1\n  B=2\nHOME\n#C=3\nNOT_SET\n".utf8))
            let id = try engine.ok(
                "create", "--label-file", labels, "--label", "one=9", "--env-file", variables, "-e", "A=7", "busybox",
                "env", by: client)
            #expect(try engine.inspect(id, "{{json .Config.Labels}}") == #"{"one":"9","two":"2 "}"#)
            #expect(
                try engine.inspect(id, "{{json .Config.Env}}").hasPrefix(
                    #"["A=1","B=2","HOME=\#(engine.folder)","A=7""#), "as docker orders them")
            #expect(try engine.ok("start", "-a", id, by: client).linesOfText.contains("A=7"))
        }
    }
}
