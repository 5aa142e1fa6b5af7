// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let checkpoint: [Command] = [
        Command(
            "checkpoint create", "[OPTIONS] CONTAINER CHECKPOINT", .exactly(2),
            "Save a running container's state",
            status: .later("checkpoints")
        ) {
            [
                Flag("checkpoint-dir", .string, "Directory of the checkpoints"),
                Flag("leave-running", .bool, "Let it go on afterwards"),
            ]
        },
        Command(
            "checkpoint ls, checkpoint list", "[OPTIONS] CONTAINER", .exactly(1),
            "List a container's checkpoints",
            status: .later("checkpoints")
        ) {
            [
                Flag("checkpoint-dir", .string, "Directory of the checkpoints")
            ]
        },
        Command(
            "checkpoint rm, checkpoint remove", "[OPTIONS] CONTAINER CHECKPOINT", .exactly(2),
            "Remove a checkpoint",
            status: .later("checkpoints")
        ) {
            [
                Flag("checkpoint-dir", .string, "Directory of the checkpoints")
            ]
        },
    ]
}
