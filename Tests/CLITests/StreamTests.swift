// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

@testable import CLI

@Suite struct FrameTests {
    /// Frames may be cut anywhere; the bytes come out whole and on the right stream.
    @Test(arguments: [1, 2, 3, 7, 8, 9, 1000])
    func framesCutAnywhere(_ size: Int) throws {
        let frames: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 3] + Array("out".utf8) + [2, 0, 0, 0, 0, 0, 0, 4] + Array("err!".utf8)
            + [1, 0, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 1] + Array("x".utf8)
        var output: [Int32] = [0, 0]
        var error: [Int32] = [0, 0]
        #expect(pipe(&output) == 0 && pipe(&error) == 0)
        defer { for number in output + error { close(number) } }
        let console = Console(input: 0, output: output[1], error: error[1], environment: [:])
        var splitter = FrameSplitter(isMultiplexed: true)
        var start = 0
        while start < frames.count {
            try splitter.feed(Array(frames[start..<min(start + size, frames.count)]), to: console)
            start += size
        }
        #expect(text(output[0], 4) == "outx")
        #expect(text(error[0], 4) == "err!")
    }

    @Test func whatIsNoFrameIsRefused() {
        var splitter = FrameSplitter(isMultiplexed: true)
        #expect(throws: Failure.self) {
            try splitter.feed(Array("HTTP/1.1".utf8), to: Console(environment: [:]))
        }
    }

    private func text(_ number: Int32, _ count: Int) -> String {
        var buffer = [UInt8](repeating: 0, count: count)
        return String(decoding: buffer[..<max(0, read(number, &buffer, count))], as: UTF8.self)
    }
}
