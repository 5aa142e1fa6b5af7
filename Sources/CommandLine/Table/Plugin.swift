// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let plugin: [Command] = [
        Command(
            "plugin create", "[OPTIONS] PLUGIN PLUGIN-DATA-DIR", .atLeast(2),
            "Make a plugin of a directory",
            status: .later("plugins")
        ) {
            [
                Flag("compress", .bool, "Compress the context")
            ]
        },
        Command(
            "plugin disable", "[OPTIONS] PLUGIN", .exactly(1),
            "Switch a plugin off",
            status: .later("plugins")
        ) {
            [
                Flag("force", "f", .bool, "Don't ask, do it")
            ]
        },
        Command(
            "plugin enable", "[OPTIONS] PLUGIN", .exactly(1),
            "Switch a plugin on",
            status: .later("plugins")
        ) {
            [
                Flag("timeout", .int, "Seconds to wait before killing it", default: "30")
            ]
        },
        Command(
            "plugin inspect", "[OPTIONS] PLUGIN [PLUGIN...]", .atLeast(1),
            "Show everything about plugins",
            status: .later("plugins")
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template")
            ]
        },
        Command(
            "plugin install", "[OPTIONS] PLUGIN [KEY=VALUE...]", .atLeast(1),
            "Install a plugin",
            status: .later("plugins")
        ) {
            [
                Flag("alias", .string, "Extra name on the network"),
                Flag("disable", .bool, "Leave it off"),
                Flag("disable-content-trust", .bool, "Don't check signatures", default: "true"),
                Flag("grant-all-permissions", .bool, "Grant it what it asks for"),
            ]
        },
        Command(
            "plugin ls, plugin list", "[OPTIONS]", .none,
            "List plugins",
            status: .later("plugins")
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("no-trunc", .bool, "Print values whole"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "plugin push", "[OPTIONS] PLUGIN[:TAG]", .exactly(1),
            "Send a plugin to a registry",
            status: .later("plugins")
        ) {
            [
                Flag("disable-content-trust", .bool, "Don't check signatures", default: "true")
            ]
        },
        Command(
            "plugin rm, plugin remove", "[OPTIONS] PLUGIN [PLUGIN...]", .atLeast(1),
            "Remove plugins",
            status: .later("plugins")
        ) {
            [
                Flag("force", "f", .bool, "Don't ask, do it")
            ]
        },
        Command(
            "plugin set", "PLUGIN KEY=VALUE [KEY=VALUE...]", .atLeast(2),
            "Change a plugin's settings",
            status: .later("plugins")),
        Command(
            "plugin upgrade", "[OPTIONS] PLUGIN [REMOTE]", .between(1, 2),
            "Install a plugin's newer version",
            status: .later("plugins")
        ) {
            [
                Flag("disable-content-trust", .bool, "Don't check signatures", default: "true"),
                Flag("grant-all-permissions", .bool, "Grant it what it asks for"),
                Flag("skip-remote-check", .bool, "Don't compare it with the installed one"),
            ]
        },
    ]
}
