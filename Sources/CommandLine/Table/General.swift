// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let general: [Command] = [
        Command(
            "login", "[OPTIONS] [SERVER]", .atMost(1),
            "Log in to a registry",
            status: .later("registries")
        ) {
            [
                Flag("password", "p", .string, "Password or token"),
                Flag("password-stdin", .bool, "Read the password from standard input"),
                Flag("username", "u", .string, "User name"),
            ]
        },
        Command(
            "logout", "[SERVER]", .atMost(1),
            "Log out of a registry",
            status: .later("registries")),
        Command(
            "search", "[OPTIONS] TERM", .exactly(1),
            "Look for images on the Hub",
            status: .later("registries")
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("limit", .int, "Most results to print"),
                Flag("no-trunc", .bool, "Print values whole"),
            ]
        },
        Command(
            "version", "[OPTIONS]", .none,
            "Show the versions of client and engine"
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template")
            ]
        },
        Command(
            "inspect", "[OPTIONS] NAME|ID [NAME|ID...]", .atLeast(1),
            "Show everything about any object"
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("size", "s", .bool, "Show sizes of containers as well"),
                Flag("type", .string, "Kind of object to look for"),
            ]
        },
    ]
}
