// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let swarm: [Command] = [
        Command(
            "swarm ca", "[OPTIONS]", .none,
            "Show or replace the root certificate",
            status: .later("swarms")
        ) {
            [
                Flag("ca-cert", .other("pem-file"), "File of the root certificate"),
                Flag("ca-key", .other("pem-file"), "File of the root key"),
                Flag("cert-expiry", .duration, "How long nodes' certificates last", default: "2160h0m0s"),
                Flag("detach", "d", .bool, "Leave it running in the background and print its ID"),
                Flag("external-ca", .other("external-ca"), "Who signs certificates instead"),
                Flag("quiet", "q", .bool, "Print less"),
                Flag("rotate", .bool, "Replace it by a new one"),
            ]
        },
        Command(
            "swarm init", "[OPTIONS]", .none,
            "Begin a swarm",
            status: .later("swarms")
        ) {
            [
                Flag("advertise-addr", .string, "Address others reach this node at"),
                Flag("autolock", .bool, "Ask for a key when a manager starts"),
                Flag("availability", .string, "Whether it takes work", default: "active"),
                Flag("cert-expiry", .duration, "How long nodes' certificates last", default: "2160h0m0s"),
                Flag("data-path-addr", .string, "Address for containers' traffic"),
                Flag("data-path-port", .uint32, "Port for containers' traffic"),
                Flag("default-addr-pool", .other("ipNetSlice"), "Pool of subnets for networks", default: "[]"),
                Flag("default-addr-pool-mask-length", .uint32, "Size of a network's subnet", default: "24"),
                Flag("dispatcher-heartbeat", .duration, "Time between signs of life", default: "5s"),
                Flag("external-ca", .other("external-ca"), "Who signs certificates instead"),
                Flag("force-new-cluster", .bool, "Make a new cluster of this node's state"),
                Flag("listen-addr", .other("node-addr"), "Address to listen at", default: "0.0.0.0:2377"),
                Flag("max-snapshots", .uint, "Old snapshots to keep"),
                Flag("snapshot-interval", .uint, "Log entries between snapshots", default: "10000"),
                Flag("task-history-limit", .int, "Old tasks to keep", default: "5"),
            ]
        },
        Command(
            "swarm join", "[OPTIONS] HOST:PORT", .exactly(1),
            "Join a swarm",
            status: .later("swarms")
        ) {
            [
                Flag("advertise-addr", .string, "Address others reach this node at"),
                Flag("availability", .string, "Whether it takes work", default: "active"),
                Flag("data-path-addr", .string, "Address for containers' traffic"),
                Flag("listen-addr", .other("node-addr"), "Address to listen at", default: "0.0.0.0:2377"),
                Flag("token", .string, "Secret needed to join"),
            ]
        },
        Command(
            "swarm join-token", "[OPTIONS] (worker|manager)", .exactly(1),
            "Show or replace the tokens for joining",
            status: .later("swarms")
        ) {
            [
                Flag("quiet", "q", .bool, "Print less"),
                Flag("rotate", .bool, "Replace it by a new one"),
            ]
        },
        Command(
            "swarm leave", "[OPTIONS]", .none,
            "Leave the swarm",
            status: .later("swarms")
        ) {
            [
                Flag("force", "f", .bool, "Leave even as a manager")
            ]
        },
        Command(
            "swarm unlock", "", .none,
            "Unlock a manager",
            status: .later("swarms")),
        Command(
            "swarm unlock-key", "[OPTIONS]", .none,
            "Show or replace the key for unlocking",
            status: .later("swarms")
        ) {
            [
                Flag("quiet", "q", .bool, "Print less"),
                Flag("rotate", .bool, "Replace it by a new one"),
            ]
        },
        Command(
            "swarm update", "[OPTIONS]", .none,
            "Change the swarm",
            status: .later("swarms")
        ) {
            [
                Flag("autolock", .bool, "Ask for a key when a manager starts"),
                Flag("cert-expiry", .duration, "How long nodes' certificates last", default: "2160h0m0s"),
                Flag("dispatcher-heartbeat", .duration, "Time between signs of life", default: "5s"),
                Flag("external-ca", .other("external-ca"), "Who signs certificates instead"),
                Flag("max-snapshots", .uint, "Old snapshots to keep"),
                Flag("snapshot-interval", .uint, "Log entries between snapshots", default: "10000"),
                Flag("task-history-limit", .int, "Old tasks to keep", default: "5"),
            ]
        },
    ]
}
