// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let container: [Command] = [
        Command(
            "container run, run", "[OPTIONS] IMAGE [COMMAND] [ARG...]", .atLeast(1),
            "Make a container and run it", interspersed: false
        ) { containerRunFlags() },
        Command(
            "container exec, exec", "[OPTIONS] CONTAINER COMMAND [ARG...]", .atLeast(2),
            "Run another program in a running container", interspersed: false
        ) {
            [
                Flag("detach", "d", .bool, "Leave it running in the background and print its ID"),
                Flag("detach-keys", .string, "Keys that detach the terminal"),
                Flag("env", "e", .list, "Environment variable"),
                Flag("env-file", .list, "File of environment variables, one a line"),
                Flag("interactive", "i", .bool, "Keep standard input open"),
                Flag("privileged", .bool, "Lift the isolation: every capability and device"),
                Flag("tty", "t", .bool, "Give it a terminal"),
                Flag("user", "u", .string, "User, and group after a colon, to run as"),
                Flag("workdir", "w", .string, "Directory to start in"),
            ]
        },
        Command(
            "container ls, container list, container ps, ps", "[OPTIONS]", .none,
            "List containers"
        ) {
            [
                Flag("all", "a", .bool, "Stopped ones too"),
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("last", "n", .int, "Only the last n, stopped ones too", default: "-1"),
                Flag("latest", "l", .bool, "Only the last one, stopped or not"),
                Flag("no-trunc", .bool, "Print values whole"),
                Flag("quiet", "q", .bool, "Print IDs only"),
                Flag("size", "s", .bool, "Show sizes on disk"),
            ]
        },
        Command(
            "container attach, attach", "[OPTIONS] CONTAINER", .exactly(1),
            "Connect the terminal to a running container"
        ) {
            [
                Flag("detach-keys", .string, "Keys that detach the terminal"),
                Flag("no-stdin", .bool, "Leave standard input alone"),
                Flag("sig-proxy", .bool, "Pass signals on to the process", default: "true"),
            ]
        },
        Command(
            "container commit, commit", "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]", .between(1, 2),
            "Make an image of what a container changed",
            status: .later("copying files and images out")
        ) {
            [
                Flag("author", "a", .string, "Who made it"),
                Flag("change", "c", .list, "Dockerfile instruction to apply"),
                Flag("message", "m", .string, "Note for the history"),
                Flag("pause", "p", .bool, "Pause it meanwhile", default: "true"),
            ]
        },
        Command(
            "container cp, cp", "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-", .exactly(2),
            "Copy files into or out of a container",
            status: .later("copying files and images out")
        ) {
            [
                Flag("archive", "a", .bool, "Keep owners and groups"),
                Flag("follow-link", "L", .bool, "Follow symbolic links in the source"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "container create, create", "[OPTIONS] IMAGE [COMMAND] [ARG...]", .atLeast(1),
            "Make a container without starting it", interspersed: false
        ) { createFlags() },
        Command(
            "container diff, diff", "CONTAINER", .exactly(1),
            "Show what a container changed on its file system"),
        Command(
            "container export, export", "[OPTIONS] CONTAINER", .exactly(1),
            "Write a container's file system as a tar",
            status: .later("copying files and images out")
        ) {
            [
                Flag("output", "o", .string, "File to write to")
            ]
        },
        Command(
            "container inspect", "[OPTIONS] CONTAINER [CONTAINER...]", .atLeast(1),
            "Show everything about containers"
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("size", "s", .bool, "Show sizes as well"),
            ]
        },
        Command(
            "container kill, kill", "[OPTIONS] CONTAINER [CONTAINER...]", .atLeast(1),
            "Send a signal to running containers"
        ) {
            [
                Flag("signal", "s", .string, "Signal to send")
            ]
        },
        Command(
            "container logs, logs", "[OPTIONS] CONTAINER", .exactly(1),
            "Show what a container printed"
        ) {
            [
                Flag("details", .bool, "Show the extra attributes of the log"),
                Flag("follow", "f", .bool, "Go on printing what comes"),
                Flag("since", .string, "Only from this time on"),
                Flag("tail", "n", .string, "Lines from the end to begin with", default: "all"),
                Flag("timestamps", "t", .bool, "Show times"),
                Flag("until", .string, "Only up to this time"),
            ]
        },
        Command(
            "container pause, pause", "CONTAINER [CONTAINER...]", .atLeast(1),
            "Freeze containers"),
        Command(
            "container port, port", "CONTAINER [PRIVATE_PORT[/PROTO]]", .between(1, 2),
            "Show published ports"),
        Command(
            "container prune", "[OPTIONS]", .none,
            "Remove stopped containers"
        ) {
            [
                Flag("filter", .filter, "Only what matches"),
                Flag("force", "f", .bool, "Don't ask, do it"),
            ]
        },
        Command(
            "container rename, rename", "CONTAINER NEW_NAME", .exactly(2),
            "Give a container another name"),
        Command(
            "container restart, restart", "[OPTIONS] CONTAINER [CONTAINER...]", .atLeast(1),
            "Stop containers and start them again"
        ) {
            [
                Flag("signal", "s", .string, "Signal to send"),
                Flag("timeout", "t", .int, "Seconds to wait before killing it"),
                Flag(synonym: "time", of: "timeout"),
            ]
        },
        Command(
            "container rm, container remove, rm", "[OPTIONS] CONTAINER [CONTAINER...]", .atLeast(1),
            "Remove containers"
        ) {
            [
                Flag("force", "f", .bool, "Kill it if it runs"),
                Flag("link", "l", .bool, "Remove the link, not the container", .later),
                Flag("volumes", "v", .bool, "Anonymous volumes as well"),
            ]
        },
        Command(
            "container start, start", "[OPTIONS] CONTAINER [CONTAINER...]", .atLeast(1),
            "Start containers"
        ) {
            [
                Flag("attach", "a", .bool, "Connect to the container's output"),
                Flag("checkpoint", .string, "Checkpoint to begin from (experimental)"),
                Flag("checkpoint-dir", .string, "Directory of the checkpoints (experimental)"),
                Flag("detach-keys", .string, "Keys that detach the terminal"),
                Flag("interactive", "i", .bool, "Keep standard input open"),
            ]
        },
        Command(
            "container stats, stats", "[OPTIONS] [CONTAINER...]", .any,
            "Watch what containers use"
        ) {
            [
                Flag("all", "a", .bool, "Stopped ones too"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("no-stream", .bool, "Print once and leave"),
                Flag("no-trunc", .bool, "Print values whole"),
            ]
        },
        Command(
            "container stop, stop", "[OPTIONS] CONTAINER [CONTAINER...]", .atLeast(1),
            "Ask containers to end, kill those that don't"
        ) {
            [
                Flag("signal", "s", .string, "Signal to send"),
                Flag("timeout", "t", .int, "Seconds to wait before killing it"),
                Flag(synonym: "time", of: "timeout"),
            ]
        },
        Command(
            "container top, top", "CONTAINER [ps OPTIONS]", .atLeast(1),
            "List a container's processes", interspersed: false),
        Command(
            "container unpause, unpause", "CONTAINER [CONTAINER...]", .atLeast(1),
            "Let frozen containers go on"),
        Command(
            "container update, update", "[OPTIONS] CONTAINER [CONTAINER...]", .atLeast(1),
            "Change containers' limits"
        ) {
            [
                Flag("blkio-weight", .uint16, "Share of block I/O, 10 to 1000 (0: none set)", default: "0"),
                Flag("cpu-period", .int, "CFS period, microseconds"),
                Flag("cpu-quota", .int, "CFS quota, microseconds"),
                Flag("cpu-rt-period", .int, "Real-time period, microseconds"),
                Flag("cpu-rt-runtime", .int, "Real-time budget, microseconds"),
                Flag("cpu-shares", "c", .int, "Relative processor weight"),
                Flag("cpus", .decimal, "Processors it may use, fractions allowed"),
                Flag("cpuset-cpus", .string, "Processors to run on (0-3, 0,1)"),
                Flag("cpuset-mems", .string, "Memory nodes to use (0-3, 0,1)"),
                Flag("memory", "m", .bytes, "Limit of memory"),
                Flag("memory-reservation", .bytes, "Memory to be left with under pressure"),
                Flag("memory-swap", .bytes, "Limit of memory and swap together (-1: no limit)"),
                Flag("pids-limit", .int, "Limit of processes (-1: no limit)"),
                Flag("restart", .string, "When to start it again"),
            ]
        },
        Command(
            "container wait, wait", "CONTAINER [CONTAINER...]", .atLeast(1),
            "Wait for containers to end and print their exit codes"),
    ]
}
