// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let service: [Command] = [
        Command(
            "service create", "[OPTIONS] IMAGE [COMMAND] [ARG...]", .atLeast(1),
            "Make a service",
            status: .later("swarms")
        ) { serviceCreateFlags() },
        Command(
            "service inspect", "[OPTIONS] SERVICE [SERVICE...]", .atLeast(1),
            "Show everything about services",
            status: .later("swarms")
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("pretty", .bool, "Print for people to read"),
            ]
        },
        Command(
            "service logs", "[OPTIONS] SERVICE|TASK", .exactly(1),
            "Show what a service printed",
            status: .later("swarms")
        ) {
            [
                Flag("details", .bool, "Show the extra attributes of the log"),
                Flag("follow", "f", .bool, "Go on printing what comes"),
                Flag("no-resolve", .bool, "Print IDs instead of names"),
                Flag("no-task-ids", .bool, "Leave task IDs out"),
                Flag("no-trunc", .bool, "Print values whole"),
                Flag("raw", .bool, "Print lines as they come"),
                Flag("since", .string, "Only from this time on"),
                Flag("tail", "n", .string, "Lines from the end to begin with", default: "all"),
                Flag("timestamps", "t", .bool, "Show times"),
            ]
        },
        Command(
            "service ls, service list", "[OPTIONS]", .none,
            "List services",
            status: .later("swarms")
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "service ps", "[OPTIONS] SERVICE [SERVICE...]", .atLeast(1),
            "List services' tasks",
            status: .later("swarms")
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("no-resolve", .bool, "Print IDs instead of names"),
                Flag("no-trunc", .bool, "Print values whole"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "service rm, service remove", "SERVICE [SERVICE...]", .atLeast(1),
            "Remove services",
            status: .later("swarms")),
        Command(
            "service rollback", "[OPTIONS] SERVICE", .exactly(1),
            "Undo a service's last change",
            status: .later("swarms")
        ) {
            [
                Flag("detach", "d", .bool, "Leave it running in the background and print its ID"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "service scale", "SERVICE=REPLICAS [SERVICE=REPLICAS...]", .atLeast(1),
            "Change numbers of tasks",
            status: .later("swarms")
        ) {
            [
                Flag("detach", "d", .bool, "Leave it running in the background and print its ID")
            ]
        },
        Command(
            "service update", "[OPTIONS] SERVICE", .exactly(1),
            "Change a service",
            status: .later("swarms")
        ) { serviceUpdateFlags() },
    ]
}
