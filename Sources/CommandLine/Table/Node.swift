// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let node: [Command] = [
        Command(
            "node demote", "NODE [NODE...]", .atLeast(1),
            "Make managers workers",
            status: .later("swarms")),
        Command(
            "node inspect", "[OPTIONS] self|NODE [NODE...]", .atLeast(1),
            "Show everything about nodes",
            status: .later("swarms")
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("pretty", .bool, "Print for people to read"),
            ]
        },
        Command(
            "node ls, node list", "[OPTIONS]", .none,
            "List nodes",
            status: .later("swarms")
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "node promote", "NODE [NODE...]", .atLeast(1),
            "Make workers managers",
            status: .later("swarms")),
        Command(
            "node ps", "[OPTIONS] [NODE...]", .any,
            "List tasks on nodes",
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
            "node rm, node remove", "[OPTIONS] NODE [NODE...]", .atLeast(1),
            "Remove nodes",
            status: .later("swarms")
        ) {
            [
                Flag("force", "f", .bool, "Don't ask, do it")
            ]
        },
        Command(
            "node update", "[OPTIONS] NODE", .exactly(1),
            "Change a node",
            status: .later("swarms")
        ) {
            [
                Flag("availability", .string, "Whether it takes work"),
                Flag("label-add", .list, "Label to set"),
                Flag("label-rm", .list, "Label to take off"),
                Flag("role", .string, "\"worker\" or \"manager\""),
            ]
        },
    ]
}
