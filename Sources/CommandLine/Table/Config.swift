// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let config: [Command] = [
        Command(
            "config create", "[OPTIONS] CONFIG file|-", .exactly(2),
            "Make a config from a file",
            status: .later("swarms")
        ) {
            [
                Flag("label", "l", .list, "Label, as key=value"),
                Flag("template-driver", .string, "Template driver"),
            ]
        },
        Command(
            "config inspect", "[OPTIONS] CONFIG [CONFIG...]", .atLeast(1),
            "Show everything about configs",
            status: .later("swarms")
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("pretty", .bool, "Print for people to read"),
            ]
        },
        Command(
            "config ls, config list", "[OPTIONS]", .none,
            "List configs",
            status: .later("swarms")
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "config rm, config remove", "CONFIG [CONFIG...]", .atLeast(1),
            "Remove configs",
            status: .later("swarms")),
    ]
}
