// SPDX-License-Identifier: Apache-2.0

import Testing

/// `diff` and `container prune`.
@Suite(.serialized) struct ChangesTests {
    @Test(arguments: Client.allCases)
    func changesAreListed(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "busybox", "sh", "-c",
                "mkdir -p /new/deep; echo x >/new/deep/file; echo y >>/etc/passwd; rm /www/index.html; rm -r /home/www; "
                    + "mkdir /home/www; touch /home/www/own; rm -r /opaque; mkdir /opaque; sleep 300")
            #expect(try eventually { try engine.ok("diff", "c1", by: client).contains("C /opaque") })
            let lines = try engine.ok("diff", "c1", by: client).linesOfText
            for line in [
                "A /new", "A /new/deep", "A /new/deep/file", "C /etc", "C /etc/passwd", "C /www", "D /www/index.html",
                "C /home", "C /home/www", "A /home/www/own",
            ] {
                #expect(lines.contains(line), "\(line): \(lines)")
            }
            #expect(lines.map { $0.dropFirst(2) } == lines.map { $0.dropFirst(2) }.sorted())
            try engine.ok("kill", "c1")
            #expect(try engine.ok("diff", "c1", by: client).linesOfText == lines, "also of one that is stopped")
            let missing = try engine("diff", "nosuch", by: client)
            #expect(missing.status == 1 && missing.stderr.contains("No such container: nosuch"))
        }
    }

    @Test(arguments: Client.allCases)
    func pruneTakesWhatDoesNotRun(client: Client) throws {
        try TestEngine.with { engine in
            let stopped = try engine.ok("create", "--label", "a=1", "busybox")
            let kept = try engine.ok("create", "--label", "keep", "busybox")
            let running = try engine.ok("run", "-d", "busybox", "sleep", "300")
            #expect(try engine("container", "prune", by: client, stdin: "n\n").stdout.contains("[y/N]"))
            #expect(try engine.ok("ps", "-aq").linesOfText.count == 3)
            let young = try engine.ok("container", "prune", "-f", "--filter", "until=24h", by: client)
            #expect(young == "Total reclaimed space: 0B")
            let pruned = try engine.ok("container", "prune", "-f", "--filter", "label!=keep", by: client)
            #expect(pruned.hasPrefix("Deleted Containers:\n\(stopped)\n\nTotal reclaimed space: "), "\(pruned)")
            let left = try engine.ok("ps", "-aq", "--no-trunc").linesOfText
            #expect(Set(left) == [kept, running])
            let events = try engine.ok(
                "events", "--since", "1h", "--until", try engine.clock(), "--filter", "event=prune", "--format",
                "{{.Type}}")
            #expect(events.linesOfText == ["container", "container"])
            let wrong = try engine("container", "prune", "-f", "--filter", "nosuch=1", by: client)
            #expect(wrong.status == 1 && wrong.stderr.contains("invalid filter 'nosuch'"), "\(wrong)")
        }
    }
}
