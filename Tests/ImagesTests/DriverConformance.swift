// SPDX-License-Identifier: Apache-2.0

import Archive
import EngineAPI
import Glibc
import Images
import Linux
import OCI
import Testing

/// What every layer driver must do, seen through the image store. Needs root.
@Suite struct DriverConformance {
    static let drivers: [any LayerDriver] = [
        OverlayDriver(KernelFeatures(overlayTakesLayersOneByOne: true)),
        OverlayDriver(KernelFeatures(overlayTakesLayersOneByOne: false)), CopyingDriver(),
    ]

    private func store(_ driver: any LayerDriver) throws -> Store {
        let store = try Store(driver: driver)
        let layers = [
            try layer([
                ("./", nil), ("bin/", nil), ("bin/sh", "shell"), ("etc/", nil), ("etc/a", "1"), ("etc/b", "1"),
                ("old/", nil), ("old/x", "1"), ("old/y", "1"), ("changes", "file"), ("gone/", nil), ("gone/deep/", nil),
                ("gone/deep/f", "1"),
            ]),
            try layer([
                ("etc/", nil), ("etc/a", "2"), ("etc/.wh.b", ""), ("old/", nil), ("old/.wh..wh..opq", ""),
                ("old/z", "2"),
                ("changes/", nil), ("changes/f", "now a directory"), (".wh.gone", ""),
            ]),
        ]
        try store.load(DockerArchive(layers).bytes())
        return store
    }

    private func text(_ root: borrowing FileDescriptor, _ path: String) throws -> String {
        String(decoding: try root.openInRoot(path, O_RDONLY).readAll(limit: 100), as: UTF8.self)
    }

    private func names(_ root: borrowing FileDescriptor, _ path: String) throws -> [String] {
        var result: [String] = []
        var entries = try DirectoryEntries(try root.openInRoot(path, O_RDONLY | O_DIRECTORY))
        while let entry = try entries.next() { result.append("\(entry.name)") }
        return result.sorted()
    }

    private func checkMerged(_ root: borrowing FileDescriptor) throws {
        #expect(try names(root, "/") == ["bin", "changes", "etc", "old"])
        #expect(try text(root, "etc/a") == "2")
        #expect(try names(root, "etc") == ["a"])
        #expect(try names(root, "old") == ["z"])
        #expect(try text(root, "changes/f") == "now a directory")
        #expect(try text(root, "bin/sh") == "shell")
    }

    @Test(arguments: 0..<drivers.count) func mergesLayers(_ index: Int) throws {
        let store = try store(Self.drivers[index])
        #expect(store.images.driverName == Self.drivers[index].name)
        let image = try store.images.resolve("test")
        let root = try store.images.openReadOnly(image)
        try checkMerged(root)
        let error = #expect(throws: Errno.self) { _ = try root.openInRoot("new", O_CREAT | O_WRONLY, mode: 0o600) }
        #expect(error?.code == .readOnlyFileSystem)
    }

    @Test(arguments: 0..<drivers.count) func containersWriteForThemselves(_ index: Int) throws {
        let store = try store(Self.drivers[index])
        let image = try store.images.resolve("test")
        for id in ["one", "two"] { try store.images.prepareContainer(id, image: image) }
        do {
            let root = try store.images.mount("one", readOnly: false)
            try checkMerged(root)
            try root.openInRoot("etc/a", O_WRONLY | O_TRUNC).writeAll(Array("changed".utf8))
            try root.openInRoot("bin/new", O_CREAT | O_WRONLY, mode: 0o600)
                .writeAll([UInt8](repeating: 1, count: 100_000))
            try root.openInRoot("old", O_RDONLY | O_DIRECTORY).removeTree("z")
        }
        // Mounted again it is as it was left; another container and the image see nothing of it.
        let again = try store.images.mount("one", readOnly: false)
        #expect(try text(again, "etc/a") == "changed")
        #expect(try names(again, "old") == [])
        try checkMerged(try store.images.mount("two", readOnly: false))
        try checkMerged(try store.images.openReadOnly(image))
        let sizes = try store.images.sizes("one")
        #expect(sizes.rw >= 90_000 && sizes.rw < 200_000, "\(sizes)")
        #expect(sizes.rootfs > sizes.rw)
        #expect(try store.images.sizes("two").rw < 50_000)
    }

    @Test(arguments: 0..<drivers.count) func readOnlyMountsRefuseWrites(_ index: Int) throws {
        let store = try store(Self.drivers[index])
        try store.images.prepareContainer("one", image: try store.images.resolve("test"))
        let root = try store.images.mount("one", readOnly: true)
        try checkMerged(root)
        #expect(throws: Errno.self) { _ = try root.openInRoot("new", O_CREAT | O_WRONLY, mode: 0o600) }
    }

    @Test(arguments: 0..<drivers.count) func nothingIsLeft(_ index: Int) throws {
        let store = try store(Self.drivers[index])
        let mounts = try store.list("cat /proc/self/mountinfo")
        try store.images.prepareContainer("one", image: try store.images.resolve("test"))
        do {
            let root = try store.images.mount("one", readOnly: false)
            try root.makeDirectory("deep", mode: 0o700)
            #expect(try store.list("cat /proc/self/mountinfo") == mounts, "a mount shows in the host's table")
        }
        try store.images.removeContainer("one")
        try store.images.removeContainer("one")
        #expect(try store.list("find containers -mindepth 2") == "")
        #expect(throws: EngineError.self) { _ = try store.images.mount("one", readOnly: false) }
    }

    @Test(arguments: 0..<drivers.count) func containersOfAnEarlierRunAreCollected(_ index: Int) throws {
        let store = try store(Self.drivers[index])
        let image = try store.images.resolve("test")
        for id in ["one", "two"] { try store.images.prepareContainer(id, image: image) }
        try store.reopen()
        try store.images.collectContainers(keeping: ["two"])
        #expect(try store.list("ls -d containers/*/rw") == "containers/two/rw\n")
        try checkMerged(try store.images.mount("two", readOnly: false))
    }

    @Test(arguments: 0..<drivers.count) func manyLayersAndNone(_ index: Int) throws {
        let store = try Store(driver: Self.drivers[index])
        try store.load(DockerArchive((0..<127).map { try layer([("f\($0)", "\($0)"), ("last", "\($0)")]) }).bytes())
        try store.images.prepareContainer("one", image: try store.images.resolve("test"))
        let root = try store.images.mount("one", readOnly: false)
        #expect(try text(root, "last") == "126")
        #expect(try text(root, "f0") == "0")
        #expect(try names(root, "/").count == 128)
        var scratch = DockerArchive([])
        scratch.tags = ["scratch:1"]
        try store.load(scratch.bytes())
        try store.images.prepareContainer("two", image: try store.images.resolve("scratch:1"))
        #expect(try names(try store.images.mount("two", readOnly: false), "/") == [])
    }

    @Test(arguments: ["..", "a/b", "", "a.b", "x\u{0}"]) func badContainerIDsAreRefused(_ id: String) throws {
        let store = try Store()
        #expect(throws: EngineError.self) { try store.images.removeContainer(id) }
        #expect(throws: EngineError.self) { _ = try store.images.mount(id, readOnly: true) }
    }
}
