// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Glibc
import Linux
import MetadataStore
import Testing

@testable import Volumes

/// A store in a directory of its own, which is removed afterwards.
private final class Scratch {
    let path: String
    private(set) var store: VolumeStore
    private var metadata: MetadataStore

    init() throws {
        var template = Array("/tmp/wharf-volumes-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        metadata = try MetadataStore(path: "\(path)/wharf.db")
        store = try VolumeStore(root: "\(path)/volumes", metadata: metadata)
    }

    /// As a daemon's next start.
    func restart() throws -> [String] {
        try metadata.close()
        metadata = try MetadataStore(path: "\(path)/wharf.db")
        store = try VolumeStore(root: "\(path)/volumes", metadata: metadata)
        return try store.recover()
    }

    func write<Result>(_ body: (Transaction) throws -> Result) throws -> Result { try metadata.write(body) }

    deinit {
        let name = String(path.dropFirst(5))
        try? FileDescriptor.open("/tmp", O_RDONLY | O_DIRECTORY).removeTree(name)
    }
}

private func shell(_ command: String) -> Int32 { system(command) }

@Suite struct VolumeStoreTests {
    @Test func makesFindsAndRemoves() throws {
        let scratch = try Scratch()
        let (volume, isNew) = try scratch.store.prepare(VolumeCreateRequest(labels: ["x": "y"], name: "data"))
        #expect(isNew)
        #expect(volume.mountpoint == "\(scratch.path)/volumes/data/_data")
        #expect(try !scratch.store.prepare(VolumeCreateRequest(name: "data")).isNew)
        #expect(try scratch.store.list(Filters(["label": ["x=y"]])).map(\.name) == ["data"])
        #expect(try scratch.store.list(Filters(["label": ["x=z"]])).isEmpty)
        #expect(try scratch.restart().isEmpty)
        #expect(try scratch.store.inspect("data").labels == ["x": "y"])
        try scratch.store.remove("data", force: false)
        #expect(access("\(scratch.path)/volumes/data", F_OK) != 0)
        let error = #expect(throws: EngineError.self) { try scratch.store.remove("data", force: false) }
        #expect(error?.code == .notFound)
        try scratch.store.remove("data", force: true)
    }

    @Test(arguments: [
        ("bad name", EngineError.Code.invalidParameter), ("../x", .invalidParameter), (".hidden", .invalidParameter),
        ("a", .invalidParameter), ("a/b", .invalidParameter), (String(repeating: "v", count: 256), .invalidParameter),
    ])
    func refusesNames(_ name: String, _ code: EngineError.Code) throws {
        let scratch = try Scratch()
        let error = #expect(throws: EngineError.self) { try scratch.store.prepare(VolumeCreateRequest(name: name)) }
        #expect(error?.code == code)
        #expect(try scratch.store.list(Filters()).isEmpty)
    }

    @Test func refusesWhatItHasNot() throws {
        let scratch = try Scratch()
        let driver = #expect(throws: EngineError.self) {
            try scratch.store.prepare(VolumeCreateRequest(driver: "nosuch", name: "v3"))
        }
        #expect(driver?.code == .notFound)
        #expect(driver?.message == "create v3: error looking up volume plugin nosuch: plugin \"nosuch\" not found")
        let option = #expect(throws: EngineError.self) {
            try scratch.store.prepare(VolumeCreateRequest(driverOpts: ["type": "nfs"], name: "v3"))
        }
        #expect(option?.code == .notImplemented)
    }

    @Test func isHeldByItsUsers() throws {
        let scratch = try Scratch()
        let anonymous = try scratch.store.prepare(VolumeCreateRequest()).volume.name
        _ = try scratch.store.prepare(VolumeCreateRequest(name: "named"))
        try scratch.write { try scratch.store.retain([anonymous, "named"], by: "c1", in: $0) }
        let error = #expect(throws: EngineError.self) { try scratch.store.remove("named", force: true) }
        #expect(error?.code == .conflict)
        #expect(try scratch.store.list(Filters(["dangling": ["true"]])).isEmpty)
        let unused = try scratch.write { try scratch.store.release("c1", in: $0) }
        #expect(unused == [anonymous])
        try scratch.store.remove("named", force: false)
    }

    @Test func repairsWhatACrashLeft() throws {
        let scratch = try Scratch()
        _ = try scratch.store.prepare(VolumeCreateRequest(name: "kept"))
        let root = "\(scratch.path)/volumes"
        // A removal before its commit, one after it, a creation before its record, and a lost record with data.
        #expect(shell("touch \(root)/kept/_data/f && mv \(root)/kept \(root)/.removing-kept") == 0)
        #expect(shell("mkdir -p \(root)/.removing-gone/_data/d \(root)/half/_data \(root)/lost/_data/d") == 0)
        #expect(try scratch.restart() == ["lost"])
        #expect(access("\(root)/kept/_data/f", F_OK) == 0)
        #expect(access("\(root)/.removing-gone", F_OK) != 0)
        #expect(access("\(root)/half", F_OK) != 0)
        #expect(try scratch.store.list(Filters()).map(\.name) == ["kept", "lost"])
    }

    @Test func copiesTheImagesContentUp() throws {
        let scratch = try Scratch()
        let image = "\(scratch.path)/image"
        #expect(
            shell(
                "mkdir -p \(image)/d/sub && cd \(image)/d && echo one >a && ln a b && ln -s /etc/passwd l && chmod 4750 a "
                    + "&& truncate -s 1M hole && echo end >>hole && touch -d @7.000000009 a && ln -s /../../../.. ../out"
            ) == 0)
        _ = try scratch.store.prepare(VolumeCreateRequest(name: "vol"))
        let rootfs = try FileDescriptor.open(image, O_RDONLY | O_DIRECTORY)
        try scratch.store.copyUp(from: rootfs, "/out/d", into: "vol")
        let volume = scratch.store.hostPath("vol")
        #expect(
            shell("cd \(volume) && [ a -ef b ] && cmp -s hole \(image)/d/hole && [ $(readlink l) = /etc/passwd ]") == 0)
        #expect(shell("[ \"$(stat -c '%a %Y %y' \(volume)/a)\" = \"$(stat -c '%a %Y %y' \(image)/d/a)\" ]") == 0)
        #expect(shell("[ $(stat -c %b \(volume)/hole) -lt 100 ] && [ -d \(volume)/sub ]") == 0)
        // A volume with something in it stays as it is, and a missing path is nothing to copy.
        #expect(shell("rm \(volume)/a") == 0)
        try scratch.store.copyUp(from: rootfs, "/d", into: "vol")
        #expect(access("\(volume)/a", F_OK) != 0)
        _ = try scratch.store.prepare(VolumeCreateRequest(name: "other"))
        try scratch.store.copyUp(from: rootfs, "/nosuch", into: "other")
    }
}

@Suite struct TreeRemovalTests {
    @Test func removesWhatIsDeeperThanDescriptorsReach() throws {
        let scratch = try Scratch()
        let deep =
            "import os\nos.chdir('\(scratch.path)')\nos.mkdir('t')\nos.chdir('t')\nfor i in range(3000):\n"
            + "  os.mkdir('d'*50); os.chdir('d'*50)\nopen(b'\\xff\\xfe','w')\n"
        #expect(shell("python3 -c \"\(deep)\"") == 0)
        let directory = try FileDescriptor.open(scratch.path, O_RDONLY | O_DIRECTORY)
        try directory.removeTree("t")
        #expect(access("\(scratch.path)/t", F_OK) != 0)
        #expect(try directory.entries().map(\.name).filter { $0.hasPrefix(".wharf") }.isEmpty)
        try directory.removeTree("nosuch")
    }
}
