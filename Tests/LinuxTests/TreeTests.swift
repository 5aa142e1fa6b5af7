// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import Testing

/// Trees as volumes and layers are copied and removed.
@Suite struct TreeTests {
    /// An empty directory of this test's own, removed afterwards.
    private func withDirectory(_ body: (borrowing FileDescriptor) throws -> Void) throws {
        var template = Array("/tmp/wharf-tree-XXXXXX".utf8CString)
        _ = try #require(mkdtemp(&template))
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let directory = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
        defer { try? HostPath.removeTree(String(path.dropFirst(5)), in: "/tmp") }
        try body(directory)
    }

    private func makeFile(_ directory: borrowing FileDescriptor, _ name: String, _ text: String) throws {
        try directory.openEntry(name, O_CREAT | O_WRONLY, mode: 0o640).writeAll(Array(text.utf8))
    }

    private func open(_ directory: borrowing FileDescriptor, _ name: String) throws -> FileDescriptor {
        try directory.openEntry(name, O_RDONLY | O_DIRECTORY)
    }

    @Test func hardLinksStayTogetherAcrossDirectories() throws {
        try withDirectory { top in
            for name in ["from", "from/a", "from/b", "to"] { try top.makeDirectory(name, mode: 0o755) }
            try makeFile(top, "from/a/x", "one")
            try makeFile(top, "from/x", "another")
            try top.makeHardLink("from/a/y", to: "from/a/x", in: top)
            try top.makeHardLink("from/b/z", to: "from/a/x", in: top)
            try top.makeHardLink("from/w", to: "from/x", in: top)
            try open(top, "from").copyTree(to: open(top, "to"))
            let first = try top.status(of: "to/a/x")
            #expect(first.links == 3)
            for name in ["to/a/y", "to/b/z"] { #expect(try top.status(of: name).inode == first.inode) }
            let second = try top.status(of: "to/x")
            #expect(try second.links == 2 && top.status(of: "to/w").inode == second.inode)
            #expect(try top.readText("to/b/z") == "one")
            #expect(try top.readText("to/w") == "another")
        }
    }

    @Test func attributesOwnersAndHolesAreCopied() throws {
        try withDirectory { top in
            for name in ["from", "to"] { try top.makeDirectory(name, mode: 0o755) }
            try makeFile(top, "from/program", "x")
            try top.setOwner("from/program", uid: 12, gid: 34)
            // cap_net_raw+ep, as setcap(8) writes it: a change of owner would take it away.
            let capability: [UInt8] = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            try top.setAttribute("from/program", "security.capability", capability)
            try top.setMode("from/program", 0o4755)
            try top.setTimes(
                "from/program", accessed: .init(seconds: 1), modified: .init(seconds: 2, nanoseconds: 3))
            let hole = try top.openEntry("from/hole", O_CREAT | O_WRONLY, mode: 0o600)
            try hole.seek(to: 8 << 20)
            try hole.writeAll([7])
            try top.makeSymbolicLink("from/link", to: "/etc/passwd")
            try open(top, "from").copyTree(to: open(top, "to"))
            let copy = try top.status(of: "to/program")
            #expect(copy.uid == 12 && copy.gid == 34 && copy.mode & 0o7777 == 0o4755)
            #expect(copy.modified == .init(seconds: 2, nanoseconds: 3))
            #expect(try top.attribute("to/program", "security.capability") == capability)
            let sparse = try top.status(of: "to/hole")
            #expect(sparse.size == 8 << 20 + 1 && sparse.blockBytes < 1 << 20)
            #expect(try top.readSymbolicLink("to/link").description == "/etc/passwd")
        }
    }

    @Test func removesWhatIsDeeperThanThereAreDescriptorsFor() throws {
        try withDirectory { top in
            try top.makeDirectory("deep", mode: 0o755)
            var current = try open(top, "deep")
            for _ in 0..<300 {
                try makeFile(current, "f", "x")
                try current.makeDirectory("d", mode: 0o755)
                current = try open(current, "d")
            }
            try top.removeTree("deep")
            #expect(try top.entries().isEmpty)
            // What is not there is no error.
            try top.removeTree("deep")
        }
    }
}

@Suite struct HostCommandTests {
    @Test func bothStreamsAreRead() throws {
        let result = try HostCommand.run("/bin/sh", ["-c", "seq 100000 >&2; echo out; exit 3"], limit: 100)
        #expect(result.text == "out\n" && result.status == 3)
        #expect(result.errors.hasSuffix("\n100000\n"))
    }

    @Test func oneThatWritesTooMuchIsEnded() {
        let error = #expect(throws: Errno.self) {
            try HostCommand.run("/bin/sh", ["-c", "while :; do echo more; done"], limit: 100_000)
        }
        #expect(error?.code.rawValue == EFBIG)
    }
}
