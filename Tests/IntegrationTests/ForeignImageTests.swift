// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

/// Archives as other tools make them, and old and new Docker: each loads, runs, and keeps its names, digest and
/// configuration.
@Suite(.serialized) struct ForeignImageTests {
    struct Archive: CustomTestStringConvertible {
        var file: String
        var names: [String]
        var layers = 2
        var testDescription: String { file }
    }

    static let archives = [
        Archive(file: "buildah-docker", names: ["localhost/made/by-tools:1"]),
        Archive(file: "buildah-oci", names: ["made/by-tools:1"]),
        Archive(file: "buildah-unnamed", names: []),
        Archive(file: "podman-docker", names: ["localhost/made/by-tools:1"]),
        Archive(file: "podman-oci", names: ["localhost/made/by-tools:1"]),
        Archive(file: "podman-two", names: ["localhost/made/by-tools:1", "localhost/made/base:1"]),
        Archive(file: "skopeo-docker", names: ["made/by-tools:1"]),
        Archive(file: "skopeo-oci", names: ["made/by-tools:1"]),
        Archive(file: "docker-17", names: ["made/by-tools:1"], layers: 3),
        Archive(file: "docker-25", names: ["made/by-tools:1"]),
    ]

    @Test(arguments: archives) func loadsAndRuns(archive: Archive) throws {
        try TestEngine.with(image: false) { engine in
            let file = try Project.foreignImage(archive.file)
            let told = try engine.ok("load", "-i", file).linesOfText
            let index = try run(["tar", "-xOf", file, "index.json"])
            let digest =
                index.status == 0 ? try JSON.parse(index.output)["manifests"]?.elements.first?["digest"]?.text : nil
            var image = archive.names.first ?? digest ?? "none"
            if archive.names.isEmpty {
                #expect(told == ["Loaded image ID: \(image)"])
            } else {
                #expect(told.sorted() == archive.names.map { "Loaded image: \($0)" }.sorted())
            }
            // A layout's digest is the image's own, and stays it.
            if let digest { #expect(try engine.inspect(image, "{{.Id}}") == digest) }
            #expect(try engine.ok("run", "--rm", image) == "built")
            #expect(
                try engine.inspect(image, "{{.Config.Env}} {{.Config.Cmd}} {{index .Config.Labels \"of\"}}")
                    == "[PATH=/bin KEPT=yes] [cat /etc/built] tools")
            #expect(try engine.inspect(image, "{{len .RootFS.Layers}}") == "\(archive.layers)")
            if archive.names.count > 1 {
                image = archive.names[1]
                #expect(try engine.ok("run", "--rm", image) == "base")
            }
            // Again: nothing new.
            #expect(try engine.ok("load", "-i", file).linesOfText == told)
            #expect(try engine.ok("images", "-aq").linesOfText.count == max(1, archive.names.count))
        }
    }
}
