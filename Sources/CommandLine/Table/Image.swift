// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let image: [Command] = [
        Command(
            "image build, build, builder build", "[OPTIONS] PATH | URL | -", .any,
            "Build an image from a Dockerfile",
            status: .later("building images")
        ) { imageBuildFlags() },
        Command(
            "image pull, pull", "[OPTIONS] NAME[:TAG|@DIGEST]", .exactly(1),
            "Fetch an image from a registry",
            status: .later("registries")
        ) {
            [
                Flag("all-tags", "a", .bool, "Every tag of the repository"),
                Flag("disable-content-trust", .bool, "Don't check signatures", default: "true"),
                Flag("platform", .string, "Platform to choose, as os/arch"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "image push, push", "[OPTIONS] NAME[:TAG]", .exactly(1),
            "Send an image to a registry",
            status: .later("registries")
        ) {
            [
                Flag("all-tags", "a", .bool, "Every tag of the repository"),
                Flag("disable-content-trust", .bool, "Don't check signatures", default: "true"),
                Flag("platform", .string, "Platform to choose, as os/arch"),
                Flag("quiet", "q", .bool, "Print less"),
            ]
        },
        Command(
            "image ls, image list, images", "[OPTIONS] [REPOSITORY[:TAG]]", .atMost(1),
            "List images"
        ) {
            [
                Flag("all", "a", .bool, "Intermediate images too"),
                Flag("digests", .bool, "Show digests"),
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("no-trunc", .bool, "Print values whole"),
                Flag("quiet", "q", .bool, "Print IDs only"),
                Flag("tree", .bool, "Show platforms as a tree", .later),
            ]
        },
        Command(
            "image history, history", "[OPTIONS] IMAGE", .exactly(1),
            "Show an image's layers"
        ) {
            [
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("human", "H", .bool, "Sizes and times for people to read", default: "true"),
                Flag("no-trunc", .bool, "Print values whole"),
                Flag("platform", .string, "Platform to choose, as os/arch", .later),
                Flag("quiet", "q", .bool, "Print IDs only"),
            ]
        },
        Command(
            "image import, import", "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]", .atLeast(1),
            "Make an image of a file system's tar",
            status: .later("copying files and images out")
        ) {
            [
                Flag("change", "c", .list, "Dockerfile instruction to apply"),
                Flag("message", "m", .string, "Note for the history"),
                Flag("platform", .string, "Platform to choose, as os/arch"),
            ]
        },
        Command(
            "image inspect", "[OPTIONS] IMAGE [IMAGE...]", .atLeast(1),
            "Show everything about images"
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("platform", .string, "Platform to choose, as os/arch", .later),
            ]
        },
        Command(
            "image load, load", "[OPTIONS]", .none,
            "Read images from a tar"
        ) {
            [
                Flag("input", "i", .string, "File to read"),
                Flag("platform", .string, "Platform to choose, as os/arch", .later),
                Flag("quiet", "q", .bool, "Don't show progress"),
            ]
        },
        Command(
            "image prune", "[OPTIONS]", .none,
            "Remove images nobody uses",
            status: .later("")
        ) {
            [
                Flag("all", "a", .bool, "All unused ones, not only nameless ones"),
                Flag("filter", .filter, "Only what matches"),
                Flag("force", "f", .bool, "Don't ask, do it"),
            ]
        },
        Command(
            "image rm, image remove, rmi", "[OPTIONS] IMAGE [IMAGE...]", .atLeast(1),
            "Remove images"
        ) {
            [
                Flag("force", "f", .bool, "Don't ask, do it"),
                Flag("no-prune", .bool, "Keep parents that lose their names"),
                Flag("platform", .strings, "Platform to choose, as os/arch", .later),
            ]
        },
        Command(
            "image save, save", "[OPTIONS] IMAGE [IMAGE...]", .atLeast(1),
            "Write images to a tar",
            status: .later("copying files and images out")
        ) {
            [
                Flag("output", "o", .string, "File to write to"),
                Flag("platform", .string, "Platform to choose, as os/arch"),
            ]
        },
        Command(
            "image tag, tag", "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", .exactly(2),
            "Give an image another name"),
    ]
}
