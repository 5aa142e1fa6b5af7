// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    /// Flags that stand before the command.
    static func globalFlags() -> [Flag] {
        [
            Flag("config", .string, "Directory of the client's configuration"),
            Flag("context", "c", .string, "Named endpoint to talk to (only \"default\")"),
            Flag("debug", "D", .bool, "Print more about what is done"),
            Flag("host", "H", .list, "Address of the engine"),
            Flag(
                "log-level", "l", .string,
                "How much the client logs (\"debug\", \"info\", \"warn\", \"error\", \"fatal\")", default: "info"),
            Flag("tls", .bool, "Talk TLS to the engine"),
            Flag("tlscacert", .string, "CA that must have signed the engine's certificate"),
            Flag("tlscert", .string, "The client's TLS certificate"),
            Flag("tlskey", .string, "The client's TLS key"),
            Flag("tlsverify", .bool, "Talk TLS and check the engine's certificate"),
            Flag("version", "v", .bool, "Show the version, then leave"),
        ]
    }
}
