// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

/// Archives in, images out.
@Suite(.serialized) struct ImageTests {
    static let archives: [(String, [String])] =
        ["docker", "oci"].flatMap { format in
            ["cat", "gzip", "zstd", "xz", "bzip2"].map { ("\(format).\($0)", ["--format", format, "--compress", $0]) }
        } + ["gzip", "zstd"].map { ("oci-layers.\($0)", ["--format", "oci", "--compress-layers", $0]) }

    @Test(arguments: archives)
    func archivesOfEveryKindRun(file: String, options: [String]) throws {
        try TestEngine.with(image: false) { engine in
            let archive = try Project.image(file, options)
            #expect(try engine.ok("load", "-i", archive) == "Loaded image: busybox:latest")
            // The second layer replaces, removes and adds
            #expect(try engine.ok("run", "--rm", "busybox", "cat", "/etc/motd") == "made by make-image")
            #expect(try engine.ok("run", "--rm", "busybox", "ls", "/opaque") == "new")
            #expect(try engine("run", "--rm", "busybox", "ls", "/removed").status == 1)
            #expect(try engine.ok("run", "--rm", "busybox", "id", "www").contains("2000(extra)"))
            #expect(try engine.ok("run", "--rm", "busybox", "stat", "-c", "%a", "/tmp") == "1777")
        }
    }

    @Test(arguments: Client.allCases)
    func loadReadsStandardInputAndFiles(client: Client) throws {
        try TestEngine.with(image: false) { engine in
            let archive = try Project.image("busybox.tar.gz", ["--compress", "gzip"])
            let outcome = try engine.command(["load"], by: client, stdin: readFile(archive) ?? [])
            #expect(outcome.status == 0 && outcome.text == "Loaded image: busybox:latest", "\(outcome)")
            #expect(try engine.ok("load", "-q", "-i", archive, by: client) == "Loaded image: busybox:latest")
            #expect(try engine.ok("images", "-q", by: client).linesOfText.count == 1)
        }
    }

    @Test(arguments: Client.allCases)
    func imagesAreListedTaggedAndRemoved(client: Client) throws {
        try TestEngine.with { engine in
            let rows = try engine.ok("images", by: client).linesOfText
            #expect(rows[0].fields == ["REPOSITORY", "TAG", "IMAGE", "ID", "CREATED", "SIZE"])
            #expect(Array(rows[1].fields.prefix(2)) == ["busybox", "latest"])
            let id = try engine.ok("images", "-q", "--no-trunc", by: client)
            #expect(id.hasPrefix("sha256:") && id.count == 71)
            try engine.ok("tag", "busybox", "repo/name:v1", by: client)
            #expect(
                try engine.ok("images", "--format", "{{.Repository}}:{{.Tag}}", by: client).linesOfText.sorted()
                    == ["busybox:latest", "repo/name:v1"])
            #expect(try engine.ok("images", "-q", "--filter", "reference=repo/*", by: client).linesOfText.count == 1)
            #expect(try engine.ok("inspect", "-f", "{{.Id}}", "repo/name:v1", by: client) == id)
            #expect(try engine.ok("rmi", "repo/name:v1", by: client) == "Untagged: repo/name:v1")
            let removed = try engine.ok("rmi", "busybox", by: client)
            #expect(removed.hasPrefix("Untagged: busybox:latest"), "\(removed)")
            #expect(removed.contains("Deleted: \(id)"), "\(removed)")
            #expect(try engine.ok("images", "-q", by: client) == "")
            #expect(
                eventually {
                    list(engine.dataRoot + "/content/blobs/sha256").isEmpty
                        && list(engine.dataRoot + "/layers").filter { $0.utf8.count == 64 }.isEmpty
                })
        }
    }

    @Test(arguments: Client.allCases)
    func imagesInUseStay(client: Client) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "user", "busybox", "sleep", "300")
            let refused = try engine("rmi", "busybox", by: client)
            #expect(refused.status == 1)
            #expect(refused.stderr.contains("container \(id.prefix(12)) is using its referenced image"), "\(refused)")
            #expect(
                try engine("rmi", "-f", try engine.ok("images", "-q"), by: client).status == 1,
                "not even with -f: it runs")
            try engine.ok("rm", "-f", "user")
            try engine.ok("rmi", "busybox", by: client)
        }
    }

    @Test func configurationTakesEffect() throws {
        let config = #"""
            {"Env":["PATH=/bin:/usr/bin","FROM=image","KEEP=1"],"Entrypoint":["sh","-c"],"Cmd":["echo $FROM; id -un; pwd; ls -d /vol"],\#
            "User":"www","WorkingDir":"/www","Volumes":{"/vol":{}},"ExposedPorts":{"8080/tcp":{}},"StopSignal":"SIGUSR1","Labels":{"of":"image"}}
            """#
        let archive = try Project.image("configured.tar", ["--name", "configured:1", "--config", config])
        try TestEngine.with(image: false) { engine in
            try engine.ok("load", "-q", "-i", archive)
            #expect(try engine.ok("run", "--rm", "configured:1").linesOfText == ["image", "www", "/www", "/vol"])
            #expect(
                try engine.ok("run", "--rm", "-e", "FROM=user", "-u", "root", "-w", "/tmp", "configured:1").linesOfText
                    == ["user", "root", "/tmp", "/vol"])
            #expect(try engine.ok("run", "--rm", "--entrypoint", "echo", "configured:1", "other") == "other")
            #expect(
                try engine.ok("run", "--rm", "configured:1", "echo from the command line") == "from the command line")
            try engine.ok(
                "run", "-d", "--name", "c1", "-l", "own=1", "configured:1",
                "trap 'exit 9' USR1; while :; do sleep 0.1; done")
            #expect(try engine.inspect("c1", "{{.Config.Labels.of}} {{.Config.Labels.own}}") == "image 1")
            #expect(
                try engine.inspect("c1", "{{.Config.StopSignal}} {{json .Config.ExposedPorts}}")
                    == #"SIGUSR1 {"8080/tcp":{}}"#)
            #expect(try engine.inspect("c1", "{{range .Mounts}}{{.Type}} {{.Destination}}{{end}}") == "volume /vol")
            try engine.ok("stop", "c1")
            #expect(try engine.inspect("c1", "{{.State.ExitCode}}") == "9")
            try engine.ok("rm", "-v", "c1")
            #expect(list(engine.dataRoot + "/volumes") == [], "rm -v removes the anonymous volume")
        }
    }

    @Test func inspectHasDockersShape() throws {
        try TestEngine.with { engine in
            let answer = try engine.http("GET", "/images/busybox/json").json()
            for key in [
                "Architecture", "Config", "Created", "Descriptor", "GraphDriver", "Id", "Metadata", "Os", "RepoDigests",
                "RepoTags", "RootFS", "Size",
            ] {
                #expect(answer[key] != nil, "\(key)")
            }
            #expect(answer["Id"]?.text == answer["Descriptor"]?["digest"]?.text)
            #expect(answer["RootFS"]?["Layers"]?.elements.count == 2)
        }
    }
}
