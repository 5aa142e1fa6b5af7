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

    /// Wrong values of flags of `run`.
    static let mistakes = [
        "run --rm --gpus x=1 busybox true", "run --rm --gpus count=1,count=2 busybox true",
        "run --rm --gpus count=x busybox true", "run --rm --gpus all busybox true",
        "run --rm --gpus 'device=0,driver=nvidia' busybox true", "run --rm --blkio-weight-device x busybox true",
        "run --rm --blkio-weight-device /dev/sda:5 busybox true", "run --rm --blkio-weight-device a:10 busybox true",
        "run --rm --blkio-weight x busybox true", "run --rm --blkio-weight 5 busybox true",
        "run --rm --device-read-bps /dev/sda:x busybox true", "run --rm --device-read-bps :1 busybox true",
        "run --rm --device-write-iops /dev/sda:1mb busybox true", "run --rm --device :x busybox true",
        "run --rm --device a:b:c:d busybox true", "run --rm --device /dev/a:/dev/b:x busybox true",
        "run --rm --device dev/x busybox true", "run --rm --device /dev/null:b busybox true",
        "run --rm --device /dev/null:rr busybox true", "run --rm --device /dev/nosuch busybox true",
        "run --rm --device vendor.com/class=name busybox true", "run --rm --device-cgroup-rule x busybox true",
        "run --rm --device-cgroup-rule 'c 1:3 rwmx' busybox true", "run --rm --memory-swappiness 101 busybox true",
        "run --rm --memory-swappiness x busybox true", "run --rm --oom-score-adj 1001 busybox true",
        "run --rm --oom-score-adj x busybox true", "run --rm --cpuset-cpus x busybox true",
        "run --rm --cpuset-cpus 0-4000 busybox true", "run --rm --cpuset-mems 77 busybox true",
        "run --rm --cpu-rt-runtime x busybox true", "run --rm --cpu-rt-runtime 200 --cpu-rt-period 100 busybox true",
        "run --rm --kernel-memory x busybox true", "run --rm --sysctl a.b=c busybox true",
        "run --rm --sysctl kernel.shmmax busybox true",
        "run --rm --network host --sysctl net.core.somaxconn=5 busybox true", "run --rm --annotation =x busybox true",
        "run --rm --pid x busybox true", "run --rm --pid container: busybox true",
        "run --rm --pid container:no busybox true", "run --rm --uts x busybox true",
        "run --rm --uts host -h x busybox true", "run --rm --userns x busybox true",
        "run --rm --cgroupns x busybox true", "run --rm --ipc x busybox true",
        "run --rm --ipc container: busybox true", "run --rm --ipc container:no busybox true",
        "run --rm --ipc container:web busybox true", "run --rm --network container: busybox true",
        "run --rm --network container:no busybox true", "run --rm --network container:web -p 80:80 busybox true",
        "run --rm --network container:web -h x busybox true",
        "run --rm --network container:web --dns 1.1.1.1 busybox true",
        "run --rm --network container:web --add-host a:1.1.1.1 busybox true",
        "run --rm --network container:web --expose 80 busybox true", "run --rm --security-opt x busybox true",
        "run --rm --security-opt a=b busybox true", "run --rm --security-opt seccomp=/nonexistent busybox true",
        "run --rm --security-opt no-new-privileges=x busybox true", "run --rm --security-opt label busybox true",
        "run --rm --dns x busybox true", "run --rm --dns 1.2.3.4.5 busybox true",
        "run --rm --dns-search - busybox true", "run --rm --dns-search a..b busybox true",
        "run --rm --add-host x busybox true", "run --rm --add-host a:x busybox true",
        "run --rm --add-host =1 busybox true", "run --rm --add-host a:b=1.2.3.4 busybox true",
        "run --rm --add-host 'a=[::1' busybox true", "run --rm --storage-opt x busybox true",
        "run --rm --storage-opt size=1g busybox true", "run --rm --volumes-from no busybox true",
        "run --rm --volumes-from one:rslave busybox true", "run --rm --volumes-from : busybox true",
        "run --rm --volume-driver none -v vv:/a busybox true", "run --rm -v vv:/a:z,Z busybox true",
        "run --rm -v vv:/a:rslave busybox true", "run --rm -v /a:/b:nocopy busybox true",
        "run --rm -v /a:ro busybox true", "run --rm --platform foo busybox true",
        "run --rm --platform a/b@ busybox true", "run --rm --platform x//y busybox true",
        "run --rm --platform a/b/c/d busybox true", "run --rm --platform linux/arm64 busybox true",
        "run --rm --label-file /nonexistent busybox true", "run --rm --env-file /nonexistent busybox true",
        "run --rm --mount type=bind,src=/a,dst=/b,bind-recursive=readonly busybox true",
        "run --rm --mount type=bind,src=/a,dst=/b,bind-recursive=writable busybox true",
        "run --rm --mount type=bind,src=/a,dst=/b,readonly,bind-recursive=readonly busybox true",
        "run --rm --mount type=bind,src=/nonexistent,dst=/b busybox true",
        "run --rm --mount type=x,dst=/a busybox true", "run --rm --mount type=bind,dst=/a busybox true",
        "run --rm --mount type=bind,src=/tmp,dst=/ busybox true",
        "run --rm --mount type=bind,src=/tmp,dst=a busybox true",
        "run --rm --mount type=bind,src=/tmp,dst=/b,bind-propagation=x busybox true",
        "run --rm --mount type=tmpfs,dst=/a,tmpfs-mode=9 busybox true",
        "run --rm --mount type=tmpfs,src=x,dst=/a busybox true",
        "run --rm --mount type=tmpfs,dst=/a,volume-nocopy busybox true",
        "run --rm --mount type=image,dst=/a busybox true",
        "run --rm --mount type=image,src=busybox,dst=/a,image-subpath=../x busybox true",
        "run --rm --mount src=v1,dst=/a,volume-subpath=/x busybox true",
        "run --rm --mount dst=/a,readonly busybox true", "run --rm --mount dst=/a,volume-driver=none busybox true",
        "run --rm --ulimit x=1 busybox true", "run --rm --shm-size x busybox true",
        "run --rm --group-add none busybox true",
    ]

    @Test(arguments: [reads, mistakes])
    func outputsAreTheSame(lines: [String]) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "web", "-p", "8080:80", "-v", "v1:/x", "-l", "a=b", "--label", "c=d", "-e",
                "K=V",
                "busybox", "httpd", "-f")
            _ = try engine("run", "--name", "one", "busybox", "sh", "-c", "echo o; exit 4")
            for line in lines {
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
