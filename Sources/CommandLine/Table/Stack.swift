// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let stack: [Command] = [
        Command(
            "stack config", "[OPTIONS]", .none,
            "Print the merged file of a stack",
            status: .later("swarms")
        ) {
            [
                Flag("compose-file", "c", .strings, "Compose file, \"-\" for standard input"),
                Flag("skip-interpolation", .bool, "Leave variables as they are"),
            ]
        },
        Command(
            "stack deploy, stack up", "[OPTIONS] STACK", .exactly(1),
            "Make or update a stack",
            status: .later("swarms")
        ) {
            [
                Flag("compose-file", "c", .strings, "Compose file, \"-\" for standard input"),
                Flag("detach", "d", .bool, "Leave it running in the background and print its ID", default: "true"),
                Flag("prune", .bool, "Remove services that are gone from the file"),
                Flag("quiet", "q", .bool, "Print less"),
                Flag(
                    "resolve-image", .string, "When to ask the registry: \"always\", \"changed\" or \"never\"",
                    default: "always"),
                Flag("with-registry-auth", .bool, "Hand registry credentials to the nodes"),
            ]
        },
        Command(
            "stack ls, stack list", "[OPTIONS]", .none,
            "List stacks",
            status: .later("swarms")
        ) {
            [
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template")
            ]
        },
        Command(
            "stack ps", "[OPTIONS] STACK", .exactly(1),
            "List a stack's tasks",
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
            "stack rm, stack remove, stack down", "[OPTIONS] STACK [STACK...]", .atLeast(1),
            "Remove stacks",
            status: .later("swarms")
        ) {
            [
                Flag("detach", "d", .bool, "Leave it running in the background and print its ID", default: "true")
            ]
        },
        Command(
            "stack services", "[OPTIONS] STACK", .exactly(1),
            "List a stack's services",
            status: .later("swarms")
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
    ]
}
