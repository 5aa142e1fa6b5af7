// SPDX-License-Identifier: Apache-2.0

import Archive
import Glibc
import Linux
import Testing

/// Archives that GNU tar made, unpacked here and compared with what it was made of; and the other way round.
@Suite struct TarOracleTests {
    /// A tree with everything tar can carry; what takes root is in it when there is.
    private func makeTree(_ scratch: Scratch) throws {
        try scratch.shell(
            """
            mkdir -p tree/a/b tree/empty && cd tree
            echo hello > a/file && head -c 100000 /dev/urandom > a/b/random && : > zero
            mkdir -p \(Array(repeating: "component", count: 25).joined(separator: "/"))
            echo deep > \(Array(repeating: "component", count: 25).joined(separator: "/"))/f
            ln -s a/file link && ln -s \(String(repeating: "x", count: 200)) longlink && ln a/file hard
            printf 'latin-1' > "$(printf 'caf\\351')" && echo n > 'new
            line' && mkfifo pipe
            chmod 4755 a/file && chmod 1777 empty && chmod 2750 a/b
            truncate -s 5M sparse && printf middle | dd of=sparse bs=1 seek=2000000 conv=notrunc 2>/dev/null
            printf end | dd of=sparse bs=1 seek=4999000 conv=notrunc 2>/dev/null
            touch -d '2001-02-03 04:05:06.123456789 UTC' a/file zero && touch -d '1969-12-31 23:59:58 UTC' empty
            touch -h -d '1999-09-09 09:09:09 UTC' link
            """)
        if getuid() == 0 {
            try scratch.shell(
                """
                cd tree && mknod device c 10 200 && mknod block b 7 8 && chown 1234:4321 a/b/random
                chown -h 3000000:70000 link && setfattr -n user.comment -v hello a/file 2>/dev/null || true
                """)
        }
    }

    @Test(arguments: ["gnu", "pax", "oldgnu"], ["cat", "gzip", "zstd -q", "xz -T1", "bzip2"])
    func unpacksWhatGNUTarPacks(_ format: String, _ compressor: String) throws {
        let scratch = Scratch()
        try makeTree(scratch)
        try scratch.shell("tar -C tree --format=\(format) --sparse --xattrs -c . | \(compressor) > archive")
        let result = try scratch.unpack(scratch.bytes("archive"), into: "out")
        #expect(result.impliedDirectories.isEmpty)
        // Formats without fractions of a second are compared without them.
        try compare(scratch, "tree", "out", nanoseconds: format == "pax")
    }

    @Test(arguments: ["0.0", "0.1", "1.0"])
    func readsEverySparseFormat(_ version: String) throws {
        let scratch = Scratch()
        try makeTree(scratch)
        try scratch.shell("tar -C tree --format=pax --sparse --sparse-version=\(version) -cf archive sparse")
        try scratch.unpack(scratch.bytes("archive"), into: "out")
        try scratch.shell("cmp tree/sparse out/sparse")
        var status = stat()
        #expect(stat("\(scratch.path)/out/sparse", &status) == 0)
        #expect(status.st_blocks * 512 < 1 << 20, "the holes were written out")
    }

    @Test(arguments: ["v7", "ustar"])
    func readsOldFormats(_ format: String) throws {
        let scratch = Scratch()
        try scratch.shell("mkdir -p tree/d && echo 1 > tree/d/f && ln -s d tree/l && ln tree/d/f tree/h")
        try scratch.shell("tar -C tree --format=\(format) -cf archive .")
        try scratch.unpack(scratch.bytes("archive"), into: "out")
        try compare(scratch, "tree", "out", nanoseconds: false)
    }

    @Test func GNUTarReadsWhatThisWrites() throws {
        let scratch = Scratch()
        var odd = TarEntry(path: RawPath(String(repeating: "path/", count: 50) + "f"), kind: .file, mode: 0o4711)
        odd.modified = FileTime(seconds: -5, nanoseconds: 250_000_000)
        odd.uid = 3_000_000
        odd.attributes = [.init(name: RawPath("user.x"), value: [1, 10, 0, 61])]
        let archive = try tar([
            entry("d", .directory), file("d/a", "hello"), (odd, Array("odd".utf8)),
            entry("l", .symbolicLink(target: RawPath(String(repeating: "t", count: 150)))),
            entry("h", .hardLink(target: RawPath("d/a"))), entry("p", .fifo),
        ])
        try scratch.write("archive", archive)
        try scratch.shell("tar -tvf archive && mkdir gnu && tar --xattrs --xattrs-include='*' -C gnu -xf archive")
        try scratch.unpack(archive, into: "out")
        // Directories that are only implied have the time of unpacking.
        try compare(scratch, "gnu", "out", nanoseconds: true, directoryTimes: false)
        #expect(try scratch.bytes("gnu/" + String(repeating: "path/", count: 50) + "f") == Array("odd".utf8))
    }

    @Test func laterEntriesReplaceEarlierOnes() throws {
        let scratch = Scratch()
        let archive = try tar([
            file("a", "first"), entry("b", .directory), file("b/inside"),
            entry("c", .symbolicLink(target: RawPath("a"))),
            file("a", "second"), file("b", "now a file"), entry("c", .directory), file("c/inside", "new"),
        ])
        try scratch.unpack(archive, into: "out")
        #expect(try scratch.bytes("out/a") == Array("second".utf8))
        #expect(try scratch.bytes("out/b") == Array("now a file".utf8))
        #expect(try scratch.bytes("out/c/inside") == Array("new".utf8))
    }

    @Test(arguments: ["gzip", "zstd -q", "xz -T1", "bzip2"])
    func damagedCompressionIsAnError(_ compressor: String) throws {
        let scratch = Scratch()
        try scratch.shell("head -c 300000 /dev/urandom > f && tar -c f | \(compressor) > archive")
        let whole = try scratch.bytes("archive")
        for count in [10, whole.count / 2, whole.count - 1] {
            let error = #expect(throws: ArchiveError.self) { try scratch.unpack(Array(whole[..<count]), into: "out") }
            #expect(error?.kind == .truncated || error?.kind == .corrupt)
        }
        var flipped = whole
        flipped[whole.count / 2] ^= 0x40
        #expect(throws: ArchiveError.self) { try scratch.unpack(flipped, into: "out") }
        // Two streams after each other are one.
        try scratch.shell("head -c 100000 f | \(compressor) > two && tail -c +100001 f | \(compressor) >> two")
        let source = try Decompressed(BytesSource(scratch.bytes("two"))).source
        #expect(try source.read(atMost: 400_000) == scratch.bytes("f"))
    }

    private func compare(
        _ scratch: Scratch, _ a: String, _ b: String, nanoseconds: Bool, directoryTimes: Bool = true
    ) throws {
        let time = nanoseconds ? "%T@" : "%Ts"
        // Directories' sizes differ; everything else that find can see must not.
        let directoryTime = directoryTimes ? time : ""
        let list =
            "find . ! -type d -printf '%p|%y|%m|%U|%G|%s|%l|%n|\(time)\\n' "
            + "-o -printf '%p|%y|%m|%U|%G|\(directoryTime)\\n'"
        for name in [a, b] { try scratch.shell("cd \(name) && \(list) | LC_ALL=C sort > ../\(name).list") }
        try scratch.shell("diff \(a).list \(b).list")
        try scratch.shell("diff -r --no-dereference \(a) \(b) 2>&1 | grep -v 'is a fifo\\|special file' | (! grep .)")
        if getuid() == 0 {
            for name in [a, b] {
                try scratch.shell("cd \(name) && getfattr -R -h -d -m user . 2>/dev/null > ../\(name).xattr || true")
            }
            try scratch.shell("cmp \(a).xattr \(b).xattr")
        }
    }
}
