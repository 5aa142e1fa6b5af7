// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let builder: [Command] = [
        Command(
            "builder prune", "", .any,
            "Empty the build cache",
            status: .later("building images")
        ) {
            [
                Flag("all", "a", .bool, "All unused cache, not only dangling"),
                Flag("filter", .filter, "Only what matches"),
                Flag("force", "f", .bool, "Don't ask, do it"),
                Flag("keep-storage", .bytes, "Space the cache may keep"),
            ]
        }
    ]
}
