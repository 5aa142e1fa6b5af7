// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Host names and the files that hold them, on every kind of network; and the names of containers on networks.
@Suite(.serialized) struct NamesTests {
    @Test func theHostsFilesOnItsNetwork() throws {
        try TestEngine.with { engine in
            func output(_ flags: String..., of command: String) throws -> String {
                try engine.command(["run", "--rm", "--network", "host"] + flags + ["busybox", "sh", "-c", command]).text
            }
            let hosts = (readText("/etc/hosts") ?? "").trimmed
            let resolver = (readText("/etc/resolv.conf") ?? "").trimmed
            let name = (readText("/proc/sys/kernel/hostname") ?? "").trimmed
            let found = try output(of: "cat /etc/hosts")
            #expect(found == hosts)
            #expect(try output(of: "cat /etc/resolv.conf") == resolver)
            #expect(try output(of: "hostname; cat /etc/hostname; echo $HOSTNAME") == "\(name)\n\(name)\n\(name)")
            #expect(try output("-h", "other", of: "hostname; cat /etc/hostname") == "other\nother")
            #expect((readText("/proc/sys/kernel/hostname") ?? "").trimmed == name, "the host keeps its name")
        }
    }

    @Test func ownFilesWithoutANetwork() throws {
        try TestEngine.with { engine in
            func output(_ flags: String..., of command: String) throws -> String {
                try engine.command(["run", "--rm", "--network", "none"] + flags + ["busybox", "sh", "-c", command]).text
            }
            let hosts = try output("-h", "alone", of: "cat /etc/hosts; hostname; cat /etc/hostname")
            #expect(hosts.linesOfText.first == "127.0.0.1\tlocalhost")
            #expect(hosts.linesOfText.suffix(3) == ["ff02::2\tip6-allrouters", "alone", "alone"], "\(hosts)")
            #expect(try output(of: "cat /etc/resolv.conf").contains("nameserver"))
        }
    }

    @Test func fullNamesHaveAShortOne() throws {
        try TestEngine.with { engine in
            let full = try engine.ok(
                "run", "--rm", "-h", "box.example.org", "busybox", "sh", "-c", "hostname; tail -n 1 /etc/hosts")
            #expect(full.linesOfText.first == "box.example.org")
            #expect(full.linesOfText.last?.hasSuffix("\tbox.example.org box") == true, "\(full)")
            let split = try engine.ok(
                "run", "--rm", "-h", "box", "--domainname", "example.org", "busybox", "sh", "-c",
                "hostname; tail -n 1 /etc/hosts")
            #expect(split.linesOfText.first == "box")
            #expect(split.linesOfText.last?.hasSuffix("\tbox.example.org box") == true, "\(split)")
        }
    }

    @Test func networksKnowAContainersNewName() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "before", "busybox", "sleep", "300")
            try engine.ok("rename", "before", "after")
            let names = "{{range .Containers}}{{.Name}}{{end}}"
            #expect(try engine.ok("network", "inspect", "-f", names, "bridge") == "after")
            try engine.stop(SIGKILL)
            try engine.start()
            #expect(try engine.ok("network", "inspect", "-f", names, "bridge") == "after")
        }
    }

    @Test func networksThatNobodyCanChange() throws {
        try TestEngine.with(image: false) { engine in
            let removal = try engine("network", "rm", "bridge").stderr
            #expect(removal.contains("bridge is a pre-defined network and cannot be removed"))
            let missing = try engine("network", "rm", "nosuch").stderr
            #expect(missing.contains("network nosuch not found"))
            let toMissing = try engine("network", "connect", "nosuch", "c").stderr
            #expect(toMissing.contains("network nosuch not found"))
            let connection = try engine("network", "connect", "bridge", "c").stderr
            #expect(connection.contains("network connect is not implemented"))
        }
    }

    /// `SandboxKey` is a name of the container's namespace; the host's gets none.
    @Test func theNamespaceHasAName() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "own", "busybox", "sleep", "300")
            try engine.ok("run", "-d", "--name", "shared", "--network", "host", "busybox", "sleep", "300")
            let key = try engine.inspect("own", "{{.NetworkSettings.SandboxKey}}")
            #expect(eventually { exists(key) })
            let inside = try engine.ok("exec", "own", "readlink", "/proc/self/ns/net")
            #expect(try mustRun(["nsenter", "--net=" + key, "readlink", "/proc/self/ns/net"]).text == inside)
            #expect(list(engine.execRoot + "/netns").count == 1)
            try engine.ok("rm", "-f", "own", "shared")
            #expect(list(engine.execRoot + "/netns") == [])
        }
    }
}
