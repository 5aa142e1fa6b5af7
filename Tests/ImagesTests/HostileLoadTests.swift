// SPDX-License-Identifier: Apache-2.0

import Archive
import EngineAPI
import Glibc
import Images
import Linux
import OCI
import Testing

/// Archives that someone made to do harm, or that were damaged on their way: each is refused with words that say what
/// is wrong with it, and nothing of it is left, in the store or beside it.
@Suite struct HostileLoadTests {
    /// A layer of any entries.
    private func tar(_ entries: [(TarEntry, String)]) throws -> [UInt8] {
        let sink = BytesSink()
        let writer = TarWriter(sink)
        for (entry, content) in entries {
            if entry.kind == .file {
                try writer.add(entry, Array(content.utf8))
            } else {
                try writer.add(entry)
            }
        }
        try writer.finish()
        return sink.bytes
    }

    private func link(_ path: String, _ target: String) -> (TarEntry, String) {
        (TarEntry(path: RawPath(path), kind: .symbolicLink(target: RawPath(target))), "")
    }

    private func file(_ path: String, _ content: String = "planted") -> (TarEntry, String) {
        (TarEntry(path: RawPath(path), kind: .file), content)
    }

    private func refused(
        _ archive: [UInt8], _ store: Store, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try store.contents()
        let error = #expect(throws: EngineError.self, "\(message)", sourceLocation: sourceLocation) {
            try store.load(archive)
        }
        #expect(
            error?.message.contains(message) == true, "\(error?.message ?? "no error"), not: \(message)",
            sourceLocation: sourceLocation)
        #expect(error?.code == .invalidParameter, sourceLocation: sourceLocation)
        #expect(try store.contents() == before, "\(message): something was kept", sourceLocation: sourceLocation)
        #expect(store.images.count == 0, sourceLocation: sourceLocation)
    }

    @Test func layersThatLeaveTheirDirectory() throws {
        let store = try Store()
        let victim = store.path + "/victim"
        try FileDescriptor.open(victim, O_CREAT | O_WRONLY, mode: 0o644).writeAll(Array("safe".utf8))
        for path in ["../planted", "a/../../planted", "/../planted"] {
            try refused(try DockerArchive([tar([file(path)])]).bytes(), store, "has '..' in it")
        }
        // A link is followed as inside a container whose root the layer is: what is written stays in the layer.
        let inside = try tar([link("up", "../../../.."), file("up/planted"), link("abs", "/"), file("abs/planted2")])
        try store.load(DockerArchive([inside]).bytes())
        let root = try store.images.openReadOnly(try store.images.resolve("test"))
        for name in ["planted", "planted2"] {
            #expect(try root.openInRoot(RawPath(name), O_RDONLY).readAll(limit: 10) == Array("planted".utf8))
        }
        #expect(try store.list("find . -name 'planted*' ! -path './layers/*/fs/*'") == "")
        #expect(try FileDescriptor.open(victim, O_RDONLY).readAll(limit: 10) == Array("safe".utf8))
    }

    @Test func linksBetweenLayersStayInTheirs() throws {
        // The second layer's entries lie below a name that the first made a link: each layer has a directory of its
        // own.
        let store = try Store()
        let first = try tar([link("etc", store.path)])
        let second = try tar([file("etc/planted")])
        try store.load(DockerArchive([first, second]).bytes())
        #expect(try store.list("find . -name planted ! -path './layers/*/fs/*'") == "")
    }

    @Test func hardLinksOutOfALayer() throws {
        let store = try Store()
        for target in ["../../../victim", "/etc/passwd", "missing"] {
            let entry = TarEntry(path: RawPath("f"), kind: .hardLink(target: RawPath(target)))
            try refused(try DockerArchive([tar([(entry, "")])]).bytes(), store, "layer ")
        }
    }

    @Test func filesOfTheArchiveItself() throws {
        let store = try Store()
        let good = DockerArchive([try layer([("f", "x")])])
        for (message, extra) in [
            ("has '..' in it", file("../planted")), ("has '..' in it", file("blobs/../../../planted")),
            ("not something an image archive has", (TarEntry(path: RawPath("d"), kind: .fifo), "")),
        ] {
            var archive = try tar([extra])
            archive.removeLast(1024)
            try refused(archive + good.bytes(), store, message)
        }
        // Links lead to files of the archive only; this one would be the machine's.
        let outside = try tar([
            link("manifest.json", "/etc/passwd"), link("oci-layout", "../../../../etc/passwd"),
            link("index.json", "index.json"),
        ])
        try refused(outside, store, "unrecognized image format")
    }

    @Test func blobsThatAreNotWhatTheyAreCalled() throws {
        let store = try Store()
        let good = try LayoutArchive([layer([("f", "x")])])
        try store.load(good.bytes())
        _ = try store.images.remove("test", force: true, noPrune: false, users: [])

        var wrong = good
        wrong.tampered = wrong.layers[0].digest
        try refused(try wrong.bytes(), store, "its content has the digest sha256:")
        for (index, name) in [good.layers[0].digest, good.config.digest, good.manifest.digest].enumerated() {
            var missing = good
            missing.omitted = [name]
            try refused(try missing.bytes(), store, ["the layer", "the configuration", "manifest"][index])
            try refused(try missing.bytes(), store, "is not there")
        }
        var size = good
        size.claimedSize = good.layers[0].size + 1
        try refused(try size.bytes(), store, "bytes, not")
    }

    @Test func oneNameForTwoImages() throws {
        let store = try Store()
        var first = try LayoutArchive([layer([("f", "1")])])
        first.others = [try LayoutArchive([layer([("f", "2")])])]
        try refused(try first.bytes(), store, "the name test:latest is given to two images")
        try refused(
            try DockerArchive([layer([("f", "1")])]).bytes(and: DockerArchive([layer([("f", "2")])])), store,
            "the name test:latest is given to two images")
        // Twice the same is what some tools write.
        var same = first
        same.others = [first]
        #expect(try store.load(same.bytes()) == ["Loaded image: test:latest\n"])
    }

    @Test func hugeHeaders() throws {
        let store = try Store()
        let good = try DockerArchive([layer([("f", "x")])]).bytes()
        for type in ["x", "L", "g"] {
            // A header that claims 8 GiB of name, and one whose 8 MiB are there.
            for (size, present) in [(8 << 30, 0), (8 << 20, 8 << 20)] {
                let archive = header(type, size: size) + [UInt8](repeating: 0x61, count: present) + good
                try refused(archive, store, "an entry's header has more than")
            }
        }
        var name = DockerArchive([try tar([file(String(repeating: "d/", count: 5000) + "f")])])
        name.tags = ["deep:1"]
        try refused(try name.bytes(), store, "layer ")
        var long = DockerArchive([try tar([file(String(repeating: "n", count: 300))])])
        long.tags = ["long:1"]
        try refused(try long.bytes(), store, "a name has more than 255 bytes")
        // More data than the machine has addresses.
        try refused(header("0", size: Int(Int64.max >> 1)) + good, store, "unpacks to more than")
    }

    private func header(_ type: String, size: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        block.replaceSubrange(0..<4, with: Array("evil".utf8))
        block.replaceSubrange(100..<107, with: Array("0000644".utf8))
        block[124] = 0x80
        for byte in 0..<8 { block[128 + byte] = UInt8(truncatingIfNeeded: size >> (8 * (7 - byte))) }
        block[156] = Array(type.utf8)[0]
        block.replaceSubrange(257..<265, with: Array("ustar\u{0}00".utf8))
        block.replaceSubrange(148..<156, with: Array("        ".utf8))
        let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        block.replaceSubrange(
            148..<156, with: Array((String(repeating: "0", count: 6 - sum.utf8.count) + sum + "\u{0} ").utf8))
        return block
    }

    /// Cut off anywhere between two blocks, and in the middle of one.
    @Test func truncatedAnywhere() throws {
        let store = try Store()
        for whole in [
            try DockerArchive([layer([("f", "x")]), layer([("g", "y")])]).bytes(),
            try LayoutArchive([layer([("f", "x")])]).bytes(),
        ] {
            // The end is two blocks of zeros; a reader may stop after the first.
            let end = whole.count - 1024
            for length in stride(from: 0, through: end, by: 512) {
                try refused(Array(whole[..<length]), store, "unexpected EOF")
            }
            for length in [100, 512 + 17, end - 300] { try refused(Array(whole[..<length]), store, "unexpected EOF") }
        }
    }
}

extension DockerArchive {
    /// An archive with both images.
    func bytes(and other: DockerArchive) throws -> [UInt8] {
        let sink = BytesSink()
        let writer = TarWriter(sink)
        var entries: [String] = []
        for (name, archive) in [("a", self), ("b", other)] {
            try writer.add(TarEntry(path: RawPath("\(name).json"), kind: .file), archive.configuration)
            try writer.add(TarEntry(path: RawPath("\(name).tar"), kind: .file), archive.layers[0])
            entries.append(#"{"Config":"\#(name).json","RepoTags":["\#(archive.tags[0])"],"Layers":["\#(name).tar"]}"#)
        }
        let manifest = Array("[\(entries.joined(separator: ","))]".utf8)
        try writer.add(TarEntry(path: RawPath("manifest.json"), kind: .file), manifest)
        try writer.finish()
        return sink.bytes
    }
}
