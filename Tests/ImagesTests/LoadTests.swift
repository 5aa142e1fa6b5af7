// SPDX-License-Identifier: Apache-2.0

import Archive
import EngineAPI
import Glibc
import JSON
import Linux
import OCI
import Testing

@testable import Images

@Suite struct LoadTests {
    private func base() throws -> [UInt8] {
        try layer([("bin/", nil), ("bin/sh", "shell"), ("etc/", nil), ("etc/passwd", "root:x:0:0::/:/bin/sh\n")])
    }

    /// The same archive has the same ID in Docker 29: recorded in the transcripts (`docker load -i busybox.tar`).
    @Test func manifestsAreDockers() throws {
        let config = try Digest("sha256:35e4041c1d2ec26eb81214e3dcfac8b7874fb15927c0dc1bdafed137fbc7b498")
        let layers = [
            Descriptor(
                mediaType: MediaType.dockerLayer,
                digest: try Digest("sha256:0e05f1ee16661f0e2876278a44f9bb4e07702588fde237b61af8591af5517b5f"),
                size: 2_129_920),
            Descriptor(
                mediaType: MediaType.dockerLayer,
                digest: try Digest("sha256:38b5a8dd5a631abbc3967c80b16fc345f18ab31c9fb576961887cddd15fbf9e4"),
                size: 10240),
        ]
        let manifest = Manifest(
            mediaType: MediaType.dockerManifest,
            config: Descriptor(mediaType: MediaType.dockerConfig, digest: config, size: 464), layers: layers)
        #expect(
            sha256(try JSON.encode(manifest))
                == "sha256:537384737f472c4355422006c54aa4a813ad36df59bd863f244482294a5f53cd")
    }

    @Test func loadsADockerArchive() throws {
        let store = try Store()
        let archive = DockerArchive([
            try base(), try layer([("etc/", nil), ("etc/motd", "hi"), ("etc/.wh.passwd", "")]),
        ])
        #expect(try store.load(archive.bytes()) == ["Loaded image: test:latest\n"])
        let image = try store.images.resolve("test")
        #expect(image.names.map(\.familiar) == ["test:latest"])
        #expect(image.configuration.config?.cmd == ["sh"])
        #expect(image.layers.count == 2)
        let root = try store.images.openReadOnly(image)
        #expect(try root.openInRoot("etc/motd", O_RDONLY).readAll(limit: 10) == Array("hi".utf8))
        let gone = #expect(throws: Errno.self) { _ = try root.openInRoot("etc/passwd", O_RDONLY) }
        #expect(gone?.code == .noEntry)
        #expect(store.events.all == [ImageEvent(action: .load, id: image.id.description, name: image.id.description)])
        // The content is an image layout that others read.
        try store.shell("test -s content/oci-layout && grep -q docker.io/library/test:latest content/index.json")
        try store.shell("cd content/blobs/sha256 && for f in *; do echo \"$f  $f\"; done | sha256sum -c")
    }

    @Test(arguments: ["gzip", "zstd -q", "xz -T1", "bzip2"])
    func loadsCompressedArchives(_ compressor: String) throws {
        let store = try Store()
        try FileDescriptor.open(store.path + "/a.tar", O_CREAT | O_WRONLY).writeAll(DockerArchive([base()]).bytes())
        try store.shell("\(compressor) < a.tar > a.packed")
        let messages = MessageList()
        try store.images.load(from: FileSource(FileDescriptor.open(store.path + "/a.packed", O_RDONLY))) {
            messages.add($0)
        }
        #expect(messages.texts == ["Loaded image: test:latest\n"])
    }

    @Test func loadsWhatOthersSave() throws {
        let store = try Store()
        let archive = try DockerArchive([base(), layer([("etc/", nil), ("etc/motd", "hi")])]).bytes()
        try store.load(archive)
        let id = try store.images.resolve("test").id.description
        try FileDescriptor.open(store.path + "/in.tar", O_CREAT | O_WRONLY).writeAll(archive)
        for (transport, name) in [
            ("docker-archive:\(store.path)/out.tar:copy/one:1", "copy/one:1"),
            ("oci-archive:\(store.path)/out.tar:docker.io/copy/two:2", "copy/two:2"),
        ] {
            try store.shell("rm -f out.tar; skopeo --insecure-policy copy docker-archive:in.tar \(transport)")
            let other = try Store()
            let messages = MessageList()
            try other.images.load(from: FileSource(FileDescriptor.open(store.path + "/out.tar", O_RDONLY))) {
                messages.add($0)
            }
            #expect(messages.texts == ["Loaded image: \(name)\n"])
            let root = try other.images.openReadOnly(try other.images.resolve(name))
            #expect(try root.openInRoot("etc/motd", O_RDONLY).readAll(limit: 10) == Array("hi".utf8))
        }
        // Loading the layout as a tar keeps the digest.
        try store.shell("tar -C content -cf layout.tar oci-layout index.json blobs")
        let third = try Store()
        try third.images.load(from: FileSource(FileDescriptor.open(store.path + "/layout.tar", O_RDONLY))) { _ in }
        #expect(try third.images.resolve("test").id.description == id)
    }

    @Test func unnamedAndManyNames() throws {
        let store = try Store()
        var archive = DockerArchive([try base()])
        archive.tags = []
        let messages = try store.load(archive.bytes())
        let id = try #require(store.images.list(all: false, filters: Filters(), manifests: false).first?.id)
        #expect(messages == ["Loaded image ID: \(id)\n"])
        archive.tags = ["a:1", "localhost:5000/b"]
        #expect(try store.load(archive.bytes()) == ["Loaded image: a:1\n", "Loaded image: localhost:5000/b:latest\n"])
        #expect(try store.images.inspect("a:1").repoTags == ["a:1", "localhost:5000/b:latest"])
        #expect(try store.images.inspect(id).id == id)
    }

    /// As `docker load` on a terminal is told: each layer from its beginning to its end.
    @Test func tellsHowFarTheLayersAre() throws {
        let store = try Store()
        let big = try layer([("f", String(repeating: "x", count: 3_000_000))])
        let archive = try DockerArchive([big, base()]).bytes()
        let messages = MessageList()
        try store.images.load(from: BytesSource(archive), quiet: false) { messages.add($0) }
        let told = messages.all.filter { $0.status == "Loading layer" }
        for bytes in [big, try base()] {
            let own = told.filter { $0.id == String(sha256(bytes).dropFirst(7).prefix(12)) }
            let steps = own.compactMap { $0.progressDetail?.current }
            #expect(steps == steps.sorted() && steps.last == Int64(bytes.count), "\(steps)")
            #expect(steps.count < 40, "too many: \(steps.count)")
            #expect(own.allSatisfy { $0.progressDetail?.total == Int64(bytes.count) })
        }
        #expect(Array(messages.texts.suffix(1)) == ["Loaded image: test:latest\n"])
        let again = MessageList()
        try store.images.load(from: BytesSource(archive)) { again.add($0) }
        #expect(again.texts == ["Loaded image: test:latest\n"], "quiet")
    }

    @Test func equalLayersInOneStack() throws {
        let store = try Store()
        let twice = try layer([("f", "same")])
        try store.load(DockerArchive([twice, twice, try base(), twice]).bytes())
        let image = try store.images.resolve("test")
        #expect(Set(image.layers).count == 4)
        let root = try store.images.openReadOnly(image)
        #expect(try root.openInRoot("f", O_RDONLY).readAll(limit: 10) == Array("same".utf8))
    }

    @Test func impliedDirectoriesKeepTheirMode() throws {
        let store = try Store()
        let sink = BytesSink()
        let writer = TarWriter(sink)
        try writer.add(TarEntry(path: RawPath("./"), kind: .directory, mode: 0o711))
        try writer.add(TarEntry(path: RawPath("tmp/"), kind: .directory, mode: 0o1777, uid: 5, gid: 6))
        try writer.finish()
        try store.load(DockerArchive([sink.bytes, try layer([("tmp/x", "x")])]).bytes())
        let root = try store.images.openReadOnly(try store.images.resolve("test"))
        let status = try root.openInRoot("tmp", O_RDONLY).status()
        #expect(status.mode & 0o7777 == 0o1777 && status.uid == 5 && status.gid == 6)
        #expect(try root.status().mode & 0o7777 == 0o711)
    }

    /// A full disk is not the archive's fault, as a path that is too long is.
    @Test(arguments: [(Errno.Code.noSpace, true), (.quotaExceeded, true), (.nameTooLong, false)])
    func tellsWhatTheMachineCanNotDo(code: Errno.Code, isMachines: Bool) throws {
        let failure = ImageLoader.failure(
            ofLayer: Digest(sha256: [UInt8](repeating: 0, count: 32)), Errno(code, "write"))
        let told = ImageStore.failure(failure)
        #expect(told.code == (isMachines ? .system : .invalidParameter))
        #expect(told.message.hasSuffix("write: \(code)") && told.message.hasPrefix("layer "), "\(told)")
    }

    @Test func badArchivesLeaveNothing() throws {
        let store = try Store()
        let before = try store.contents()
        let whole = try DockerArchive([base(), layer([("x", "y")])]).bytes()
        var wrongDiff = DockerArchive([try base()])
        wrongDiff.diffIDs = ["sha256:" + String(repeating: "0", count: 64)]
        var count = DockerArchive([try base()])
        count.diffIDs = []
        var missingLayer = DockerArchive([try base()])
        missingLayer.omitted = ["0/layer.tar"]
        var missingConfig = DockerArchive([try base()])
        missingConfig.omitted = ["config.json"]
        var noManifest = DockerArchive([try base()])
        noManifest.omitted = ["manifest.json"]
        var foreign = DockerArchive([try base()])
        foreign.architecture = "s390x"
        var badName = DockerArchive([try base()])
        badName.tags = ["BAD"]
        var brokenLayer = DockerArchive([Array(try base().prefix(700))])
        brokenLayer.tags = ["broken:1"]
        let cases: [(String, [UInt8])] = [
            ("unexpected EOF", Array("not a tar".utf8)), ("unexpected EOF", []),
            ("invalid tar header", [UInt8](repeating: 0x41, count: 2048)),
            ("the configuration says sha256:0000", try wrongDiff.bytes()),
            ("the configuration has 0 layers", try count.bytes()),
            ("0/layer.tar, which the archive does not have", try missingLayer.bytes()),
            ("config.json, which the archive does not have", try missingConfig.bytes()),
            ("unrecognized image format", try noManifest.bytes()),
            ("only linux/s390x", try foreign.bytes()), ("must be lowercase", try badName.bytes()),
            ("unexpected EOF", try brokenLayer.bytes()),
            ("unexpected EOF", Array(whole[..<(whole.count / 2)])), ("unexpected EOF", Array(whole[..<1000])),
        ]
        for (message, archive) in cases {
            let error = #expect(throws: EngineError.self, "\(message)") { try store.load(archive) }
            #expect(error?.code == .invalidParameter)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
            #expect(try store.contents() == before, "\(message): something was kept")
        }
        #expect(store.images.count == 0)
        #expect(try store.load(whole) == ["Loaded image: test:latest\n"])
    }

    @Test func aNewImageTakesTheNameAndTheOldOneIsDangling() throws {
        let store = try Store()
        try store.load(DockerArchive([base()]).bytes())
        let old = try store.images.resolve("test").id.description
        try store.load(DockerArchive([layer([("new", "x")])]).bytes())
        #expect(try store.images.resolve("test").id.description != old)
        let dangling = try store.images.list(all: false, filters: Filters(["dangling": ["true"]]), manifests: false)
        #expect(dangling.map(\.id) == [old])
        #expect(dangling.first?.repoTags == [])
    }
}
