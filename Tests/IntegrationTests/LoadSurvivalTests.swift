// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// `load` when the daemon dies, and when the disk is full.
@Suite(.serialized) struct LoadSurvivalTests {
    private func content(_ root: String) -> [String] {
        list(root + "/content/blobs/sha256") + list(root + "/content/ingest")
            + list(root + "/layers").filter { $0 != "empty" && $0 != "new" } + list(root + "/layers/new")
    }

    @Test func killedAtAnyPoint() throws {
        try TestEngine.with(image: false) { engine in
            let archive = try Project.image("fill24.tar", ["--fill", "24", "--name", "fill:24"])
            let began = now()
            try engine.ok("load", "-q", "-i", archive)
            let whole = now() - began
            try engine.ok("rmi", "fill:24")
            let end = now() + 40
            var kept = 0
            var rounds = 0
            while rounds < 20, now() < end {
                rounds += 1
                let load = try engine.begin("load", "-q", "-i", archive)
                // From before the first byte to after the answer.
                usleep(UInt32(Double.random(in: 0...(whole * 1.1)) * 1e6))
                try engine.stop(SIGKILL)
                _ = try load.wait(timeout: 10)
                let told = load.outputSoFar.contains("Loaded image: fill:24")
                try engine.start()
                let images = try engine.ok("images", "-q").linesOfText
                #expect(images.count <= 1)
                #expect(!told || images.count == 1, "what was told to be loaded is gone (round \(rounds))")
                if images.isEmpty {
                    // Nothing half-made: what it had read and unpacked goes when the daemon starts.
                    let left = { content(engine.dataRoot) }
                    #expect(eventually(5) { left().isEmpty }, "round \(rounds): \(left().prefix(5))")
                } else {
                    kept += 1
                    #expect(try engine.ok("run", "--rm", "fill:24", "wc", "-c", "/fill/24") == "1000000 /fill/24")
                    #expect(list(engine.dataRoot + "/content/ingest") == [])
                    try engine.ok("rmi", "fill:24")
                }
            }
            #expect(rounds >= 10, "only \(rounds) rounds in the time there is")
            #expect(try engine.ok("load", "-i", archive) == "Loaded image: fill:24")
            #expect(try engine.ok("run", "--rm", "fill:24", "ls", "/fill").linesOfText.count == 24)
            try engine.ok("rmi", "fill:24")
            #expect(eventually(5) { content(engine.dataRoot).isEmpty }, "\(content(engine.dataRoot).prefix(5))")
        }
    }

    /// The second archive is small, and is too big unpacked.
    @Test(arguments: [("fill100.tar", "cat"), ("fill100.tar.gz", "gzip")])
    func fullDisk(file: String, compressor: String) throws {
        let options = ["--fill", "100", "--name", "fill:100", "--compress", compressor]
        try TestEngine.with(dataRootMount: "-t tmpfs -o size=64m tmpfs") { engine in
            let archive = try Project.image(file, options)
            let pid = try #require(engine.daemon?.pid)
            let root = "/proc/\(pid)/root\(engine.dataRoot)"
            let before = content(root)
            let free = try freeBytes(root)
            for client in Client.allCases {
                let refused = try engine("load", "-q", "-i", archive, by: client)
                #expect(refused.status == 1)
                #expect(refused.stderr.lowercased().contains("no space left on device"), "\(refused)")
                #expect(eventually { content(root) == before }, "\(content(root).prefix(5))")
                #expect(try freeBytes(root) > free - (1 << 20), "the space is not free again")
            }
            // It is the daemon that was there before, and it goes on.
            #expect(engine.daemon?.isRunning == true && engine.daemon?.pid == pid)
            #expect(try engine.ok("run", "--rm", "busybox", "echo", "on") == "on")
            let small = try Project.image("fill8.tar", ["--fill", "8", "--name", "fill:8"])
            #expect(try engine.ok("load", "-q", "-i", small) == "Loaded image: fill:8")
            #expect(try engine.ok("run", "--rm", "fill:8", "wc", "-c", "/fill/8") == "1000000 /fill/8")
            // A container that fills it gets the error itself, and can be removed.
            let filling = try engine("run", "--name", "full", "busybox", "dd", "if=/dev/zero", "of=/f", "bs=1M")
            #expect(filling.status == 1 && filling.stderr.contains("No space left on device"), "\(filling)")
            try engine.ok("rm", "full")
            #expect(eventually { (try? freeBytes(root)).map { $0 > 16 << 20 } ?? false })
        }
    }

    private func freeBytes(_ path: String) throws -> Int {
        var result = statvfs()
        guard statvfs(path, &result) == 0 else { throw Failure("\(path): errno \(errno)") }
        return Int(result.f_bavail) * Int(result.f_frsize)
    }
}
