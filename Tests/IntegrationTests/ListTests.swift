// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// `ps`, `inspect`, `top`, `port`, `events`, `version`, `info`.
@Suite(.serialized) struct ListTests {
    @Test(arguments: Client.allCases)
    func psShowsAndFilters(client: Client) throws {
        try TestEngine.with { engine in
            let web = try engine.ok(
                "run", "-d", "--name", "web", "-l", "a=b", "-p", "18080:80", "busybox", "httpd", "-f", "-h", "/www")
            let one = try engine.ok("run", "-d", "--name", "one", "busybox", "sh", "-c", "exit 3")
            try engine.ok("wait", "one")
            let made = try engine.ok("create", "--name", "made", "-l", "c", "busybox", "true")
            func names(_ arguments: String...) throws -> [String] {
                try engine.command(["ps", "--format", "{{.Names}}"] + arguments, by: client).text.linesOfText
            }
            #expect(try names() == ["web"])
            #expect(try names("-a") == ["made", "one", "web"])
            #expect(try names("-n", "2") == ["made", "one"])
            #expect(try names("-l") == ["made"])
            #expect(try names("-a", "--filter", "status=exited") == ["one"])
            #expect(try names("-a", "--filter", "status=created", "--filter", "status=running") == ["made", "web"])
            #expect(try names("-a", "--filter", "name=e$") == ["made", "one"])
            #expect(try names("-a", "--filter", "label=a=b") == ["web"])
            #expect(try names("-a", "--filter", "label=c") == ["made"])
            #expect(try names("-a", "--filter", "exited=3") == ["one"])
            #expect(try names("-a", "--filter", "id=\(one.prefix(20))") == ["one"])
            #expect(try names("-a", "--filter", "ancestor=busybox") == ["made", "one", "web"])
            #expect(try names("-a", "--filter", "ancestor=other") == [])
            #expect(try names("-a", "--filter", "before=one") == ["web"])
            #expect(try names("-a", "--filter", "since=one") == ["made"])
            #expect(try names("--filter", "publish=18080") == ["web"])
            #expect(try names("--filter", "network=bridge") == ["web"])
            #expect(try engine.ok("ps", "-aq", "--no-trunc", by: client).linesOfText == [made, one, web])
            #expect(try engine.ok("ps", "-q", by: client) == String(web.prefix(12)))
            let table = try engine.ok("ps", "-a", by: client).linesOfText
            #expect(table[0].fields == ["CONTAINER", "ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"])
            #expect(table.contains { $0.contains("Exited (3)") })
            #expect(table.contains { $0.contains("0.0.0.0:18080->80/tcp") })
            let sized = try engine.ok("ps", "-as", by: client)
            #expect(sized.linesOfText[0].fields.last == "SIZE" && sized.contains("(virtual "), "\(sized)")
            let line = try JSON.parse(Array(try engine.ok("ps", "--format", "{{json .}}", by: client).utf8))
            #expect(
                line["Names"]?.text == "web" && line["State"]?.text == "running" && line["Networks"]?.text == "bridge")
        }
    }

    @Test(arguments: Client.allCases)
    func inspectTopAndPort(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "web", "-p", "18080:80", "-l", "a=b", "busybox", "httpd", "-f", "-h", "/www")
            let value = try JSON.parse(Array(try engine.ok("inspect", "web", by: client).utf8)).elements[0]
            #expect(value["Name"]?.text == "/web")
            #expect(value["State"]?["Status"]?.text == "running")
            #expect(value["HostConfig"]?["PortBindings"]?["80/tcp"]?.elements[0]["HostPort"]?.text == "18080")
            #expect(value["NetworkSettings"]?["Networks"]?["bridge"]?["IPAddress"]?.text.hasPrefix("172.") == true)
            #expect(
                try engine.ok("inspect", "-f", "{{.State.Status}} {{json .Config.Labels}}", "web", by: client)
                    == #"running {"a":"b"}"#)
            let several = try engine("inspect", "web", "nosuch", by: client)
            #expect(
                several.status == 1 && several.stdout.contains("/web") && several.stderr.contains("nosuch"),
                "\(several)")
            #expect(try engine.ok("inspect", "-f", "{{.SizeRw}}", "-s", "web", by: client).first?.isNumber == true)
            let top = try engine.ok("top", "web", by: client).linesOfText
            #expect(top[0].fields == ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"])
            #expect(top[1].contains("httpd -f -h /www"))
            #expect(
                try engine.ok("top", "web", "-o", "pid,args", by: client).linesOfText[0].fields == ["PID", "COMMAND"])
            #expect(try engine.ok("port", "web", by: client).linesOfText.first == "80/tcp -> 0.0.0.0:18080")
            #expect(try engine.ok("port", "web", "80/tcp", by: client).linesOfText.first == "0.0.0.0:18080")
        }
    }

    @Test(arguments: Client.allCases)
    func eventsTellTheStory(client: Client) throws {
        try TestEngine.with { engine in
            let listener = try engine.begin("events", "--format", "{{.Type}} {{.Action}}", by: client)
            #expect(
                try eventually {
                    try engine.ok("tag", "busybox", "listening")
                    return listener.outputSoFar.contains("image tag")
                })
            try engine.ok("run", "--rm", "--name", "c1", "busybox", "true")
            // In the order of every exit in Docker Engine 29's transcripts.
            let wanted = [
                "container create", "container attach", "network connect", "container start", "network disconnect",
                "container die", "container destroy",
            ]
            #expect(eventually { listener.outputSoFar.linesOfText.contains("container destroy") })
            #expect(listener.outputSoFar.linesOfText.filter { $0 != "image tag" } == wanted, "\(listener.outputSoFar)")
            kill(listener.pid, SIGTERM)
            _ = try listener.wait()
            // Clients round `--until 0s` down to a second
            sleep(1)
            let past = try engine.ok(
                "events", "--since", "5m", "--until", "0s", "--filter", "event=die", "--filter", "container=c1",
                "--format",
                "{{.Actor.Attributes.exitCode}} {{.Actor.Attributes.name}}", by: client)
            #expect(past == "0 c1", "\(past)")
            #expect(
                try engine.ok("events", "--since", "5m", "--until", "0s", "--filter", "container=nosuch", by: client)
                    == "")
        }
    }

    @Test func programsTellTheSameVersion() throws {
        let versions = try ["wharf", "wharfd", "wharf-runtime"].map { program in
            let said = try mustRun([Project.programs + "/" + program, "--version"]).text
            return try #require(said.firstMatch(of: /version (\d+\.\d+\.\d+)/), "\(said)").1
        }
        #expect(Set(versions).count == 1, "\(versions)")
    }

    @Test(arguments: [Client.docker, .wharf])
    func sizesAreReal(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "--name", "c1", "-v", "v1:/v", "busybox", "sh", "-c",
                "head -c 3000000 /dev/zero >/v/f; head -c 1000000 /dev/zero >/f")
            let container = try engine.ok("ps", "-as", "--format", "{{.Size}}")
            #expect(container.hasPrefix("1MB (virtual ") || container.hasPrefix("1.0"), "\(container)")
            let summary = try engine.ok(
                "system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}}", by: client
            ).linesOfText
            #expect(
                summary.contains { $0.hasPrefix("Local Volumes 1 1 3MB") || $0.hasPrefix("Local Volumes 1 1 3.0") },
                "\(summary)")
            #expect(
                summary.contains { $0.hasPrefix("Containers 1 0 1MB") || $0.hasPrefix("Containers 1 0 1.0") },
                "\(summary)")
            let details = try engine.ok("system", "df", "-v", by: client).linesOfText
            #expect(
                details.contains { $0.hasPrefix("v1 ") && $0.fields[1] == "1" && $0.fields[2].hasPrefix("3") },
                "\(details)")
            try engine.ok("rm", "c1")
            let unused = try engine.ok(
                "system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Active}} {{.Reclaimable}}",
                by: client)
            #expect(unused.contains("Local Volumes 1 0 3"), "\(unused)")
            try engine.ok("volume", "rm", "v1")
        }
    }

    @Test(arguments: Client.allCases)
    func versionAndInfo(client: Client) throws {
        try TestEngine.with { engine in
            #expect(try engine.ok("version", "--format", "{{.Server.Version}}", by: client).first?.isNumber == true)
            #expect(try engine.ok("version", by: client).contains("Server:"))
            try engine.ok("run", "-d", "busybox", "sleep", "300")
            #expect(
                try engine.ok(
                    "info", "--format",
                    "{{.Swarm.LocalNodeState}} {{.Containers}} {{.ContainersRunning}} {{.Images}} {{.OSType}}",
                    by: client)
                    == "inactive 1 1 1 linux")
            let info = try engine.ok("info", by: client)
            for part in [
                "Swarm: inactive", "Storage Driver: overlay", "seccomp", "Docker Root Dir: \(engine.dataRoot)",
            ] {
                #expect(info.contains(part), "\(part) in:\n\(info)")
            }
        }
    }

    @Test(arguments: Client.allCases)
    func networksAndVolumesAreListed(client: Client) throws {
        try TestEngine.with { engine in
            #expect(
                try engine.ok("network", "ls", "--format", "{{.Name}} {{.Driver}}", by: client).linesOfText == [
                    "bridge bridge", "host host", "none null",
                ])
            #expect(
                try engine.ok("network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", "bridge", by: client)
                    == "172.17.0.0/16")
            #expect(try engine.ok("volume", "create", "v1", by: client) == "v1")
            #expect(
                try engine.ok("volume", "inspect", "-f", "{{.Mountpoint}}", "v1", by: client) == engine.dataRoot
                    + "/volumes/v1/_data")
            #expect(try engine.ok("volume", "rm", "v1", by: client) == "v1")
            let refused = try engine("network", "create", "n", by: client)
            #expect(refused.status == 1, "\(refused)")
        }
    }
}
