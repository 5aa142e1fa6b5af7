// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

@testable import CLI

@Suite struct DetachKeyTests {
    private func typed(_ keys: String?, _ pieces: [[UInt8]]) throws -> (passed: [UInt8], isDetached: Bool) {
        var filter = try DetachKeys(keys)
        var passed: [UInt8] = []
        for piece in pieces {
            let result = piece.withUnsafeBytes { filter.filter($0) }
            passed += result.passed
            if result.isDetached { return (passed, true) }
        }
        return (passed, false)
    }

    @Test func theDefaultIsControlPControlQ() throws {
        #expect(try typed(nil, [[97, 16, 17, 98]]).isDetached)
        #expect(try typed(nil, [[97], [16], [17]]).passed == [97])
        #expect(try typed("", [[16, 17]]).isDetached)
    }

    @Test func aBeginningThatIsNoSequenceIsPassedOn() throws {
        let result = try typed(nil, [[16], [98], [16, 16, 17]])
        #expect(result.passed == [16, 98, 16])
        #expect(result.isDetached)
    }

    @Test func otherSequences() throws {
        #expect(try typed("ctrl-x,y", [[24, 121]]).isDetached)
        #expect(try typed("a", [[98, 97]]).isDetached)
        #expect(try typed("ctrl-@,ctrl-[", [[0, 27]]).isDetached)
        #expect(!(try typed("ctrl-x,y", [[24, 122, 121]]).isDetached))
    }

    @Test(arguments: ["ctrl-", "ctrl-1", "xx", "a,,b", "ctrl-pp", "é"])
    func badSequencesAreRefused(_ text: String) { #expect(throws: Failure.self) { try DetachKeys(text) } }
}

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
