// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let trust: [Command] = [
        Command(
            "trust key generate", "NAME", .exactly(1),
            "Make a signing key",
            status: .later("signatures")
        ) {
            [
                Flag("dir", .string, "Directory for the key")
            ]
        },
        Command(
            "trust key load", "[OPTIONS] KEYFILE", .exactly(1),
            "Read a signing key",
            status: .later("signatures")
        ) {
            [
                Flag("name", .string, "Name to give it", default: "signer")
            ]
        },
        Command(
            "trust signer add", "OPTIONS NAME REPOSITORY [REPOSITORY...]", .atLeast(2),
            "Let someone sign",
            status: .later("signatures")
        ) {
            [
                Flag("key", .list, "File of the signer's public key")
            ]
        },
        Command(
            "trust signer remove", "[OPTIONS] NAME REPOSITORY [REPOSITORY...]", .atLeast(2),
            "Let someone no longer sign",
            status: .later("signatures")
        ) {
            [
                Flag("force", "f", .bool, "Don't ask, do it")
            ]
        },
        Command(
            "trust inspect", "IMAGE[:TAG] [IMAGE[:TAG]...]", .atLeast(1),
            "Show who signed",
            status: .later("signatures")
        ) {
            [
                Flag("pretty", .bool, "Print for people to read")
            ]
        },
        Command(
            "trust revoke", "[OPTIONS] IMAGE[:TAG]", .exactly(1),
            "Take a signature back",
            status: .later("signatures")
        ) {
            [
                Flag("yes", "y", .bool, "Don't ask, do it")
            ]
        },
        Command(
            "trust sign", "IMAGE:TAG", .exactly(1),
            "Sign an image",
            status: .later("signatures")
        ) {
            [
                Flag("local", .bool, "Sign the local image")
            ]
        },
    ]
}
