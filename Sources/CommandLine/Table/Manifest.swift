// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let manifest: [Command] = [
        Command(
            "manifest annotate", "[OPTIONS] MANIFEST_LIST MANIFEST", .exactly(2),
            "Add facts to an entry of a list",
            status: .later("registries")
        ) {
            [
                Flag("arch", .string, "Architecture to state"),
                Flag("os", .string, "Operating system to state"),
                Flag("os-features", .strings, "Operating system feature to state"),
                Flag("os-version", .string, "Operating system version to state"),
                Flag("variant", .string, "Architecture variant to state"),
            ]
        },
        Command(
            "manifest create", "MANIFEST_LIST MANIFEST [MANIFEST...]", .atLeast(2),
            "Make a list of manifests",
            status: .later("registries")
        ) {
            [
                Flag("amend", "a", .bool, "Change an existing list"),
                Flag("insecure", .bool, "Accept a registry without TLS"),
            ]
        },
        Command(
            "manifest inspect", "[OPTIONS] [MANIFEST_LIST] MANIFEST", .between(1, 2),
            "Show a manifest or a list",
            status: .later("registries")
        ) {
            [
                Flag("insecure", .bool, "Accept a registry without TLS"),
                Flag("verbose", "v", .bool, "Print more"),
            ]
        },
        Command(
            "manifest push", "[OPTIONS] MANIFEST_LIST", .exactly(1),
            "Send a list to a registry",
            status: .later("registries")
        ) {
            [
                Flag("insecure", .bool, "Accept a registry without TLS"),
                Flag("purge", "p", .bool, "Drop the local list after the push"),
            ]
        },
        Command(
            "manifest rm", "MANIFEST_LIST [MANIFEST_LIST...]", .atLeast(1),
            "Remove local lists",
            status: .later("registries")),
    ]
}
