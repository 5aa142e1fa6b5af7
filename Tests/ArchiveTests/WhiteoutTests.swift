// SPDX-License-Identifier: Apache-2.0

import Archive
import Glibc
import Linux
import Testing

@Suite struct WhiteoutTests {
    @Test func asFilesKeepsThemAsTheyAre() throws {
        let scratch = Scratch()
        try scratch.unpack(tar([entry("d", .directory), file("d/.wh.x", ""), file("d/.wh..wh..opq", "")]), into: "out")
        #expect(scratch.exists("out/d/.wh.x"))
        #expect(scratch.exists("out/d/.wh..wh..opq"))
    }

    @Test func overlayGetsDevicesAndAttributes() throws {
        let scratch = Scratch()
        try scratch.unpack(
            tar([
                entry("d", .directory), file("d/.wh.gone", ""), file("d/.wh..wh..opq", ""), file("d/.wh..wh.plnk", ""),
                file("kept", "x"), file(".wh.kept", ""), entry("dir", .directory), file(".wh.dir", ""),
                file(".wh.late", ""), entry("late", .directory),
            ]), into: "out", .overlay)
        var status = stat()
        #expect(lstat("\(scratch.path)/out/d/gone", &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFCHR && status.st_rdev == 0)
        #expect(!scratch.exists("out/d/.wh.gone") && !scratch.exists("out/d/.wh..wh.plnk"))
        // What the layer itself has stays; a directory hides what is below it instead.
        #expect(try scratch.bytes("out/kept") == Array("x".utf8))
        let root = try FileDescriptor.open("\(scratch.path)/out", O_RDONLY | O_DIRECTORY)
        for name in ["d", "dir", "late"] {
            #expect(try root.attribute(RawPath(name), RawPath("trusted.overlay.opaque")) == [0x79], "\(name)")
        }
    }

    @Test func impliedDirectoriesAreReported() throws {
        let scratch = Scratch()
        let result = try scratch.unpack(tar([file("a/b/c"), entry("a", .directory, mode: 0o700)]), into: "out")
        #expect(result.impliedDirectories == [RawPath(""), RawPath("a/b")])
    }
}
