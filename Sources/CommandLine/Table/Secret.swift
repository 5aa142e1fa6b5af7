// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let secret: [Command] = [
        Command(
            "secret create", "[OPTIONS] SECRET [file|-]", .between(1, 2),
            "Make a secret from a file",
            status: .later("swarms")
        ) {
            [
                Flag("driver", "d", .string, "Driver to use"),
                Flag("label", "l", .list, "Label, as key=value"),
                Flag("template-driver", .string, "Template driver"),
            ]
        },
        Command(
            "secret inspect", "[OPTIONS] SECRET [SECRET...]", .atLeast(1),
            "Show everything about secrets",
            status: .later("swarms")
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("pretty", .bool, "Print for people to read"),
            ]
        },
        Command(
            "secret ls, secret list", "[OPTIONS]", .none,
            "List secrets",
            status: .later("swarms")
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "secret rm, secret remove", "SECRET [SECRET...]", .atLeast(1),
            "Remove secrets",
            status: .later("swarms")),
    ]
}
