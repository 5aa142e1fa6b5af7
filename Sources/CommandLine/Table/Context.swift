// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let context: [Command] = [
        Command(
            "context create", "[OPTIONS] CONTEXT", .exactly(1),
            "Make a context",
            status: .later("contexts")
        ) {
            [
                Flag("description", .string, "What it is for"),
                Flag("docker", .other("stringToString"), "Endpoint of the engine", default: "[]"),
                Flag("from", .string, "Context to copy"),
            ]
        },
        Command(
            "context export", "[OPTIONS] CONTEXT [FILE|-]", .between(1, 2),
            "Write a context to a file",
            status: .later("contexts")),
        Command(
            "context import", "CONTEXT FILE|-", .exactly(2),
            "Read a context from a file",
            status: .later("contexts")),
        Command(
            "context inspect", "[OPTIONS] [CONTEXT] [CONTEXT...]", .any,
            "Show everything about contexts",
            status: .later("contexts")
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template")
            ]
        },
        Command(
            "context ls, context list", "[OPTIONS]", .none,
            "List contexts",
            status: .later("contexts")
        ) {
            [
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "context rm, context remove", "CONTEXT [CONTEXT...]", .atLeast(1),
            "Remove contexts",
            status: .later("contexts")
        ) {
            [
                Flag("force", "f", .bool, "Don't ask, do it")
            ]
        },
        Command(
            "context show", "", .none,
            "Print the current context's name",
            status: .later("contexts")),
        Command(
            "context update", "[OPTIONS] CONTEXT", .exactly(1),
            "Change a context",
            status: .later("contexts")
        ) {
            [
                Flag("description", .string, "What it is for"),
                Flag("docker", .other("stringToString"), "Endpoint of the engine", default: "[]"),
            ]
        },
        Command(
            "context use", "CONTEXT", .any,
            "Choose the current context",
            status: .later("contexts")),
    ]
}
