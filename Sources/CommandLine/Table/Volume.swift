// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let volume: [Command] = [
        Command(
            "volume create", "[OPTIONS] [VOLUME]", .atMost(1),
            "Make a volume"
        ) {
            [
                Flag("availability", .string, "Whether it takes work", default: "active", .later),
                Flag("driver", "d", .string, "Driver to use", default: "local"),
                Flag("group", .string, "Group it belongs to", .later),
                Flag("label", .list, "Label, as key=value"),
                Flag("limit-bytes", .bytes, "Largest size", .later),
                Flag("opt", "o", .map, "Option of the driver", default: "map[]"),
                Flag("required-bytes", .bytes, "Smallest size", .later),
                Flag("scope", .string, "How far it reaches", default: "single", .later),
                Flag("secret", .map, "Secret to hand over", default: "map[]", .later),
                Flag(
                    "sharing", .string, "Who may share it (\"none\", \"readonly\", \"onewriter\", \"all\")",
                    default: "none", .later),
                Flag("topology-preferred", .list, "Place it should rather be in", .later),
                Flag("topology-required", .list, "Place it must be in", .later),
                Flag("type", .string, "Kind of access: \"mount\" or \"block\"", default: "block", .later),
            ]
        },
        Command(
            "volume inspect", "[OPTIONS] VOLUME [VOLUME...]", .atLeast(1),
            "Show everything about volumes"
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template")
            ]
        },
        Command(
            "volume ls, volume list", "[OPTIONS]", .none,
            "List volumes"
        ) {
            [
                Flag("cluster", .bool, "Cluster volumes only", .later),
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("quiet", "q", .bool, "Print names only"),
            ]
        },
        Command(
            "volume prune", "[OPTIONS]", .none,
            "Remove volumes nobody uses",
            status: .later("")
        ) {
            [
                Flag("all", "a", .bool, "Named volumes too"),
                Flag("filter", .filter, "Only what matches"),
                Flag("force", "f", .bool, "Don't ask, do it"),
            ]
        },
        Command(
            "volume rm, volume remove", "[OPTIONS] VOLUME [VOLUME...]", .atLeast(1),
            "Remove volumes"
        ) {
            [
                Flag("force", "f", .bool, "Don't ask, do it")
            ]
        },
        Command(
            "volume update", "[OPTIONS] [VOLUME]", .exactly(1),
            "Change a cluster volume",
            status: .later("swarms")
        ) {
            [
                Flag("availability", .string, "Whether it takes work", default: "active")
            ]
        },
    ]
}
