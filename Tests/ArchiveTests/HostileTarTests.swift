// SPDX-License-Identifier: Apache-2.0

import Archive
import Glibc
import Linux
import Testing

/// Archives that try to get out of their directory, or to use up the machine (rules R1, R3).
@Suite struct HostileTarTests {
    @Test(arguments: ["../evil", "a/../../evil", "a/..", "/../evil", ".."])
    func dotDotIsRefused(_ path: String) throws {
        let scratch = Scratch()
        let error = #expect(throws: ArchiveError.self) { try scratch.unpack(tar([file(path)]), into: "root") }
        #expect(error?.kind == .hostile)
        #expect(!scratch.exists("evil"))
    }

    @Test func absolutePathsStayInside() throws {
        let scratch = Scratch()
        try scratch.unpack(tar([file("/tmp/wharf-absolute-evil")]), into: "root")
        #expect(scratch.exists("root/tmp/wharf-absolute-evil"))
        #expect(access("/tmp/wharf-absolute-evil", F_OK) != 0)
    }

    @Test(arguments: ["..", "../..", "/", "/tmp", "/proc/self/root", "/proc/self/cwd"])
    func linksLeadNowhereOutside(_ target: String) throws {
        let scratch = Scratch()
        let name = "evil-\(getpid())"
        let archive = try tar([
            entry("link", .symbolicLink(target: RawPath(target)), mode: 0o777), file("link/\(name)"),
        ])
        // Inside the root the link leads somewhere or nowhere; it is never followed out.
        _ = try? scratch.unpack(archive, into: "root")
        for outside in [scratch.path, scratch.path + "/..", "/", "/tmp", "."] {
            #expect(access("\(outside)/\(name)", F_OK) != 0, "escaped to \(outside)")
        }
    }

    @Test func aLinkIsReplacedNotFollowed() throws {
        let scratch = Scratch()
        try scratch.write("victim", Array("mine".utf8))
        try scratch.unpack(
            tar([entry("x", .symbolicLink(target: RawPath("\(scratch.path)/victim"))), file("x", "theirs")]),
            into: "root")
        #expect(try scratch.bytes("victim") == Array("mine".utf8))
        #expect(try scratch.bytes("root/x") == Array("theirs".utf8))
    }

    @Test func hardLinksReachNothingOutside() throws {
        let scratch = Scratch()
        try scratch.write("victim", Array("mine".utf8))
        for target in ["../victim", "\(scratch.path)/victim", "up/victim"] {
            let archive = try tar([
                entry("up", .symbolicLink(target: RawPath(".."))), entry("x", .hardLink(target: RawPath(target))),
                file("x", "theirs"),
            ])
            #expect(throws: (any Error).self, "\(target)") { try scratch.unpack(archive, into: "root") }
            #expect(try scratch.bytes("victim") == Array("mine".utf8))
        }
    }

    @Test func overlaysOwnAttributesAreRefused() throws {
        let scratch = Scratch()
        var evil = TarEntry(path: RawPath("d"), kind: .file)
        evil.attributes = [.init(name: RawPath("trusted.overlay.redirect"), value: Array("/etc".utf8))]
        if getuid() == 0 {
            let archive = try tar([(evil, [])])
            let error = #expect(throws: ArchiveError.self) { try scratch.unpack(archive, into: "root", .overlay) }
            #expect(error?.kind == .hostile)
        }
    }

    @Test func bombsHitTheLimits() throws {
        let scratch = Scratch()
        var limits = ArchiveLimits()
        limits.entries = 10
        limits.totalBytes = 1 << 20
        limits.pathDepth = 8
        let many = try tar((0..<11).map { file("f\($0)") })
        let big = try tar((0..<2).map { file("f\($0)", String(repeating: "x", count: 600_000)) })
        let deep = try tar([file(Array(repeating: "d", count: 9).joined(separator: "/"))])
        let long = try tar([file(String(repeating: "n", count: 300))])
        let path = try tar([file(Array(repeating: "dddddddd", count: 600).joined(separator: "/"))])
        for archive in [many, big, deep, long, path] {
            let error = #expect(throws: ArchiveError.self) { try scratch.unpack(archive, into: "root", limits: limits) }
            #expect(error?.kind == .limit)
        }
        limits = ArchiveLimits()
        limits.ratio = 100
        limits.ratioFloor = 1 << 20
        for tool in ["gzip", "zstd -q", "xz", "bzip2"] {
            try scratch.shell("head -c 50000000 /dev/zero | \(tool) > bomb")
            let bomb = try scratch.bytes("bomb")
            let error = #expect(throws: ArchiveError.self) { try scratch.unpack(bomb, into: "root", limits: limits) }
            #expect(error?.kind == .limit || error?.kind == .truncated, "\(tool)")
        }
    }

    @Test func everyTruncationIsAnError() throws {
        let scratch = Scratch()
        let long = String(repeating: "long/", count: 40) + "name"
        let whole = try tar([
            entry("d", .directory), file("d/a", String(repeating: "a", count: 1500)), file(long, "b"),
            entry("l", .symbolicLink(target: RawPath("d"))), file("z", ""),
        ])
        for count in stride(from: 0, to: whole.count - 512, by: 512) {
            #expect(throws: ArchiveError.self, "cut at \(count)") {
                try scratch.unpack(Array(whole[..<count]), into: "root")
            }
        }
        let error = #expect(throws: ArchiveError.self) { try scratch.unpack(Array("not a tar".utf8), into: "root") }
        #expect(error?.description == "unexpected EOF")
    }

    @Test func changedBytesNeverCrash() throws {
        let whole = try tar([
            entry("d", .directory), file("d/a", "abc"), file(String(repeating: "long/", count: 40), "b"),
            entry("l", .symbolicLink(target: RawPath("d"))), entry("h", .hardLink(target: RawPath("d/a"))),
        ])
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var bytes = whole
            for _ in 0..<4 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            fixChecksums(&bytes)
            let reader = TarReader(BytesSource(bytes))
            while let entry = try? reader.next() {
                #expect(entry.size >= 0)
                if (try? reader.readData { _, _ in }) == nil { break }
            }
        }
    }

    /// So that changed headers get past the checksum and are parsed.
    private func fixChecksums(_ bytes: inout [UInt8]) {
        for start in stride(from: 0, to: bytes.count, by: 512) where bytes[start] != 0 {
            for index in 148..<156 { bytes[start + index] = 0x20 }
            let sum = bytes[start..<(start + 512)].reduce(0) { $0 + Int($1) }
            let text = Array(String(sum, radix: 8).utf8)
            let field = [UInt8](repeating: 0x30, count: 6 - text.count) + text + [0]
            bytes.replaceSubrange((start + 148)..<(start + 155), with: field)
        }
    }
}
