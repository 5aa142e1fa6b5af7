// SPDX-License-Identifier: Apache-2.0

import Testing

/// What `docker` and `wharf` print of the same engine's same state is the same, byte for byte, and so is the exit code.
@Suite(.serialized) struct SameAsDockerTests {
    /// Words are separated by single spaces, but for those between single quotes.
    static let reads = [
        "ps", "ps -a", "ps -aq", "ps -a --no-trunc", "ps -n 2", "ps -n 2 -q", "ps -l", "ps -as", "ps -n x", "ps x",
        "ps --format json", "ps -a --format '{{json .}}'", "ps --format raw", "ps -q --format raw",
        "ps -sa --format raw",
        "ps -a --format '{{.ID}} {{.Image}} {{.Command}} {{.CreatedAt}} {{.Ports}} {{.State}} {{.Size}} {{.Names}} {{.Labels}}'",
        "ps --format 'table {{.Names}}\\t{{.Label \"a\"}}\\t{{.LocalVolumes}}\\t{{.Mounts}}\\t{{.Platform}}'",
        "ps --format '{{.Nope}}'", "ps --format '{{'", "ps --format pretty", "ps -a --filter status=exited",
        "ps -a --filter exited=4", "ps -a --filter name=^/web$", "ps -a --filter label=a=b", "ps -a --filter label=no",
        "ps -aq --filter ancestor=busybox", "ps -aq --filter before=one", "ps -aq --filter since=web",
        "ps -aq --filter since=no", "ps -aq --filter volume=v1", "ps -aq --filter publish=8080",
        "ps -aq --filter expose=80/tcp", "ps -aq --filter network=bridge", "ps -aq --filter health=none",
        "ps -a --filter status=nope", "ps -a --filter exited=x", "ps -a --filter nope=x", "ps -a --filter nope",
        "inspect web", "inspect one web", "inspect web no", "inspect no", "inspect", "inspect -f '{{.Nope}}' web",
        "inspect -f '{{json .}}' web", "inspect -f '{{json .State}} {{.State}}' one",
        "inspect -f '{{json .Config}}' web",
        "inspect -f '{{json .HostConfig}}' web", "inspect -f '{{json .NetworkSettings}}' web",
        "inspect -f '{{json .Mounts}} {{.Mounts}} {{.HostConfig.PortBindings}} {{.Config.ExposedPorts}}' web",
        "inspect -f '{{.State.Health}} {{len .Config.Entrypoint}} {{.Config.Entrypoint}} {{.HostConfig.PidsLimit}}' web",
        "inspect -f '{{range $p, $c := .NetworkSettings.Ports}}{{$p}} {{(index $c 0).HostPort}}{{end}}' web",
        "inspect -f '{{range .Mounts}}{{.Name}}:{{.Destination}}{{end}} {{index .NetworkSettings.Networks \"no\"}}' web",
        "inspect -f '{{with index .NetworkSettings.Networks \"bridge\"}}{{.Gateway}}{{end}}' web",
        "inspect -f json one",
        "inspect -f '{{if .State.Health}}y{{else}}n{{end}} {{.Name | printf \"%q\"}} {{join .Args \",\"}}' one",
        "inspect -s busybox", "inspect -s one", "inspect --type nope one", "inspect --type image one",
        "inspect -f '{{' one",
        "image inspect -f '{{json .}}' busybox", "image inspect -f '{{json .Config}} {{.RootFS}} {{.Id}}' busybox",
        "image inspect no", "network inspect bridge", "network inspect -f '{{json .IPAM}} {{.Options}}' bridge",
        "network inspect -f '{{json .}} {{.Created}}' bridge", "volume inspect v1", "volume inspect -f '{{json .}}' v1",
        "images", "images -q", "images --no-trunc", "images --digests", "images --format json", "images --format raw",
        "images -q --format raw", "images no", "images 'busy*'", "images --filter dangling=true",
        "images --filter bad=x",
        "stats --no-stream one", "stats --no-stream no", "stats --no-stream one no",
        "stats --no-stream -a --no-trunc one",
        "stats --no-stream --format '{{.Nope}}' one",
        "stats --no-stream --format '{{.Container}} {{.Name}} {{.ID}} {{.PIDs}} {{.NetIO}} {{.BlockIO}}' one",
        "stats --no-stream --format 'table {{.Name}}\\t{{.PIDs}}'", "stats --no-stream -a --format json one",
        "history busybox", "history --no-trunc --format json busybox", "volume ls", "volume ls -q",
        "volume ls --format raw",
        "volume ls --filter name=v1 --format json", "network ls", "network ls --no-trunc", "network ls --format raw",
        "system df", "system df -v", "system df --format json", "system df --format raw", "system df -v --format json",
        "system df --format '{{.Nope}}'", "system df -v --format '{{.Nope}}'",
        "system df -v --format '{{range .Volumes}}{{.Name}} {{.Links}}{{end}}'",
        "run --rm --mac-address 1:2 busybox true",
        "logs one", "logs -n 1 one", "logs -t one", "logs --since 1h one", "logs --since 1h30m10s one",
        "logs --since 2020-01-01 one", "logs --since 2020-01-01T00:00:00.5+02:00 one", "logs --since 1500000000.5 one",
        "logs --until 1h one", "logs --since x one", "logs --until 1d one", "logs --since 2020-13-01 one",
        "logs -n x one",
        "logs --details one", "logs no", "logs", "port web", "port web 80", "port web 80/x", "port web 99", "port no",
        "top web -o pid,comm", "top one", "top no", "exec no true", "exec one true", "exec web nosuch",
        "exec --detach-keys x-y web true", "exec web sh -c 'exit 9'", "exec -w /nosuch web pwd",
        "exec -u nosuch web id",
        "exec web", "wait one one", "wait no", "attach one", "rename web one", "rename web 'b d'", "kill one",
        "kill -s NOPE web",
        "start no", "start -a one", "stop no", "rm web", "rm no", "tag foo@sha256:aaaa b", "tag busybox FOO", "rmi no",
        "rmi busybox", "load -i /nonexistent", "run --rm -v : busybox true", "run --rm -v :/x busybox true",
        "run --rm -v '' busybox true", "run --rm -v x:/m busybox true", "run --rm -v /a:/b:/c:ro busybox true",
        "run --rm -p 80:80:80:80 busybox true", "run --rm -p abc busybox true", "run --rm -m 1k busybox true",
        "run --rm --network name=none busybox ip -o link", "run --cidfile /nonexistent/cid busybox true",
        "run --rm busybox nosuch", "run --rm busybox /etc/passwd", "run --rm busybox sh -c 'exit 255'",
        "run --name a busybox",
        "events --since 1 --until 2", "events --since x", "events --format '{{.Nope}}' --until 2",
        "events --filter nope",
        "version -f '{{json .Server.Components}}'", "info -f '{{.Swarm.LocalNodeState}} {{.Driver}} {{json .Swarm}}'",
    ]

    @Test func outputsAreTheSame() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "web", "-p", "8080:80", "-v", "v1:/x", "-l", "a=b", "--label", "c=d", "-e",
                "K=V",
                "busybox", "httpd", "-f")
            _ = try engine("run", "--name", "one", "busybox", "sh", "-c", "echo o; exit 4")
            for line in Self.reads {
                let words = Self.words(line)
                var docker = try engine.command(words, by: .docker)
                var wharf = try engine.command(words, by: .wharf)
                if docker != wharf {
                    // "3 seconds ago" may have passed between the two
                    docker = try engine.command(words, by: .docker)
                    wharf = try engine.command(words, by: .wharf)
                }
                #expect(docker == wharf, "\(line)\ndocker: \(docker)\nwharf: \(wharf)")
            }
            let left = try engine.ok("ps", "-aq").linesOfText.count
            #expect(left == 2, "a command left a container behind")
        }
    }

    static func words(_ line: String) -> [String] {
        line.split(separator: "'", omittingEmptySubsequences: false).enumerated().flatMap { index, part in
            index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
    }
}

extension Outcome: Equatable {
    /// As a user sees them, whatever the program is called.
    static func == (a: Outcome, b: Outcome) -> Bool {
        a.status == b.status && a.stdout == b.stdout
            && TranscriptTests.normal(a.stderr) == TranscriptTests.normal(b.stderr)
    }
}
