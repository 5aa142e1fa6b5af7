// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Glibc
import Images
import JSON
import Linux
import OCI
import Testing

@Suite struct NamingTests {
    private func store(_ tags: [String] = ["test:latest"]) throws -> Store {
        let store = try Store()
        var archive = DockerArchive([try layer([("bin/", nil), ("bin/sh", "shell")]), try layer([("x", "y")])])
        archive.tags = tags
        archive.config = #","Labels":{"a":"b"},"ExposedPorts":{"80/tcp":{}}"#
        try store.load(archive.bytes())
        return store
    }

    private func message(_ body: () throws -> Void) -> String {
        let error = #expect(throws: EngineError.self) { try body() }
        return error?.message ?? ""
    }

    @Test func findsByEveryKindOfReference() throws {
        let store = try store()
        let id = try store.images.resolve("test").id
        for text in [
            "test", "test:latest", "docker.io/library/test", "library/test:latest", id.description, id.hex, id.short,
            String(id.hex.prefix(4)), "sha256:" + id.hex.prefix(10), "test@\(id)", "test:latest@\(id)",
        ] {
            #expect(try store.images.resolve(text).id == id, "\(text)")
        }
        #expect(message { _ = try store.images.resolve("nosuch") } == "No such image: nosuch:latest")
        #expect(message { _ = try store.images.resolve("test:2") } == "No such image: test:2")
        #expect(message { _ = try store.images.resolve("other@\(id)") } == "No such image: other@\(id)")
        #expect(message { _ = try store.images.resolve(String(id.hex.prefix(3))) }.hasPrefix("No such image:"))
        #expect(
            message { _ = try store.images.resolve("BAD") }
                == "invalid reference format: repository name (library/BAD) must be lowercase")
    }

    @Test func listsAndInspects() throws {
        let store = try store()
        let image = try store.images.resolve("test")
        let row = try #require(store.images.list(all: false, filters: Filters(), manifests: true).first)
        #expect(row.repoTags == ["test:latest"])
        #expect(row.repoDigests == ["test@\(image.id)"])
        #expect(row.labels == ["a": "b"])
        #expect(row.created == 1_767_225_600)
        #expect(row.containers == -1 && row.sharedSize == -1 && row.parentId == "")
        #expect(row.descriptor?.annotations?["io.containerd.image.name"] == "docker.io/library/test:latest")
        #expect(row.manifests?.first?.size.total == row.size)
        let inspect = try store.images.inspect("test")
        #expect(inspect.id == image.id.description && inspect.size == row.size)
        #expect(inspect.rootFS.layers?.count == 2)
        #expect(inspect.config?.cmd == ["sh"])
        #expect(inspect.config?.exposedPorts?.keys.map(\.description) == ["80/tcp"])
        #expect(inspect.created?.rfc3339 == "2026-01-01T00:00:00Z")
        let history = try store.images.history("test")
        #expect(history.map(\.createdBy) == ["layer 1", "layer 0"])
        #expect(history.map(\.id) == [image.id.description, "<missing>"])
        #expect(history.map(\.tags) == [["test:latest"], nil])
        #expect(history.allSatisfy { $0.size >= 4096 })
    }

    @Test func filters() throws {
        let store = try store(["busybox:latest", "other/name:v1"])
        func tags(_ filters: [String: [String]]) throws -> [String] {
            try store.images.list(all: false, filters: Filters(filters), manifests: false).flatMap(\.repoTags)
        }
        #expect(try tags(["reference": ["busy*"]]) == ["busybox:latest"])
        #expect(try tags(["reference": ["*/name:v?"]]) == ["other/name:v1"])
        #expect(try tags(["reference": ["nosuch"]]) == [])
        #expect(try tags(["label": ["a"]]).count == 2)
        #expect(try tags(["label": ["a=b"]]).count == 2)
        #expect(try tags(["label": ["a=c"]]) == [])
        #expect(try tags(["label!": ["a"]]) == [])
        #expect(try tags(["dangling": ["true"]]) == [])
        #expect(try tags(["before": ["busybox"]]) == [])
        #expect(try tags(["until": ["2026-06-01"]]).count == 2)
        #expect(try tags(["until": ["2020-01-01T00:00:00Z"]]) == [])
        #expect(message { _ = try tags(["bad": ["x"]]) } == "invalid filter 'bad'")
    }

    @Test func tagsAndRemoves() throws {
        let store = try store()
        let id = try store.images.resolve("test").id.description
        try store.images.tag("test", repository: "docker.io/repo/name", tag: "v1")
        #expect(try store.images.inspect("repo/name:v1").repoTags == ["test:latest", "repo/name:v1"])
        #expect(message { try store.images.tag("nosuch", repository: "x", tag: "1") } == "No such image: nosuch:latest")
        #expect(message { try store.images.tag("test", repository: "x", tag: "!") } == "invalid tag format")
        let untagged = try store.images.remove("repo/name:v1", force: false, noPrune: false, users: [])
        #expect(untagged == [ImageDeleteItem(untagged: "repo/name:v1")])
        try store.reopen()
        let deleted = try store.images.remove("test", force: false, noPrune: false, users: [])
        #expect(deleted == [ImageDeleteItem(untagged: "test:latest"), ImageDeleteItem(deleted: id)])
        #expect(
            try store.list("ls content/blobs/sha256 content/ingest layers/new")
                == "content/blobs/sha256:\n\ncontent/ingest:\n\nlayers/new:\n")
        #expect(try store.list("ls layers") == "empty\nnew\n")
        #expect(
            message { _ = try store.images.remove("test", force: false, noPrune: false, users: []) }
                == "No such image: test:latest")
        #expect(
            store.events.all.map(\.action) == [.load, .tag, .untag, .untag, .delete].suffix(store.events.all.count))
    }

    @Test func refusesWhatIsInUse() throws {
        let store = try store()
        let image = try store.images.resolve("test")
        let container = String(repeating: "0123456789abcdef", count: 4)
        func users(_ running: Bool) -> [ImageUser] {
            [ImageUser(containerID: container, imageID: image.id.description, isRunning: running)]
        }
        func refused(_ name: String, force: Bool, running: Bool) -> String {
            message { _ = try store.images.remove(name, force: force, noPrune: false, users: users(running)) }
        }
        #expect(
            refused("test", force: false, running: false)
                == "conflict: unable to delete test:latest (must be forced) - container 0123456789ab is using its "
                + "referenced image \(image.id.short)")
        #expect(
            refused(image.id.hex, force: true, running: true)
                == "conflict: unable to delete \(image.id.short) (cannot be forced) - image is being used by running "
                + "container 0123456789ab")
        #expect(
            refused(image.id.short, force: false, running: false).contains("used by stopped container 0123456789ab"))
        try store.images.tag("test", repository: "other", tag: nil)
        #expect(refused(image.id.short, force: false, running: false).contains("referenced in multiple repositories"))
        // Forced, the container's layers stay until the container goes.
        try store.images.prepareContainer("one", image: image)
        let items = try store.images.remove(image.id.short, force: true, noPrune: false, users: users(false))
        #expect(items.count == 3)
        try store.reopen()
        let root = try store.images.mount("one", readOnly: false)
        #expect(try root.openInRoot("bin/sh", O_RDONLY).readAll(limit: 9) == Array("shell".utf8))
        try store.images.removeContainer("one")
        #expect(try store.list("ls layers") == "empty\nnew\n")
    }

    @Test func sharedLayersStayWithTheOtherImage() throws {
        let store = try Store()
        let shared = try layer([("bin/", nil), ("bin/sh", "shell")])
        var one = DockerArchive([shared])
        one.tags = ["one:1"]
        var two = DockerArchive([shared, try layer([("x", "y")])])
        two.tags = ["two:1"]
        try store.load(one.bytes())
        try store.load(two.bytes())
        _ = try store.images.remove("two:1", force: false, noPrune: false, users: [])
        let root = try store.images.openReadOnly(try store.images.resolve("one:1"))
        #expect(try root.openInRoot("bin/sh", O_RDONLY).readAll(limit: 9) == Array("shell".utf8))
        #expect(try store.list("ls -d layers/*/fs | wc -l") == "2\n")
    }

    @Test func aCrashLeavesOnlyGarbageThatIsCollected() throws {
        let store = try store()
        let whole = try store.contents()
        let hex = String(repeating: "ab", count: 32)
        try store.shell(
            """
            mkdir -p content/ingest/1-1 layers/new/1-1/fs/d layers/\(hex)/fs && echo x > content/ingest/1-1/1
            echo x > content/blobs/sha256/\(hex) && echo keep > layers/unknown
            """)
        try store.reopen()
        var left = ""
        // The files of garbage go in the background.
        for _ in 0..<500 where left != whole {
            usleep(20_000)
            left =
                try store.contents().replacing("quarantine/", with: "").split(separator: "\n")
                .filter { !$0.hasPrefix("layer-") }.joined(separator: "\n") + "\n"
        }
        #expect(left == whole)
        #expect(try store.list("cat quarantine/*") == "keep\n", "what was not understood was deleted")
        let root = try store.images.openReadOnly(try store.images.resolve("test"))
        #expect(try root.openInRoot("bin/sh", O_RDONLY).readAll(limit: 9) == Array("shell".utf8))
    }
}
