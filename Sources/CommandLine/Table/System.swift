// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let system: [Command] = [
        Command(
            "system info, info", "[OPTIONS]", .none,
            "Show facts about the engine"
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template")
            ]
        },
        Command(
            "system df", "[OPTIONS]", .none,
            "Show what takes up space"
        ) {
            [
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("verbose", "v", .bool, "Print more"),
            ]
        },
        Command(
            "system events, events", "[OPTIONS]", .none,
            "Watch what the engine does"
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("since", .string, "Only from this time on"),
                Flag("until", .string, "Only up to this time"),
            ]
        },
        Command(
            "system prune", "[OPTIONS]", .none,
            "Remove what nobody uses",
            status: .later("")
        ) {
            [
                Flag("all", "a", .bool, "All unused images, not only nameless ones"),
                Flag("filter", .filter, "Only what matches"),
                Flag("force", "f", .bool, "Don't ask, do it"),
                Flag("volumes", .bool, "Anonymous volumes as well"),
            ]
        },
    ]
}
