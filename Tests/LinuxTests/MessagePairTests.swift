// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Linux

@Suite struct MessagePairTests {
    /// A child that fails says why and ends, whatever it was told meanwhile and never read.
    @Test func lastWordsOfAPeerThatDidNotReadEverything() throws {
        let ends = Ends(try MessagePair())
        try ends.ours?.sendPacket([1])
        try ends.theirs?.sendPacket([2, 3])
        try ends.theirs?.sendPacket([4])
        ends.theirs = nil
        #expect(try ends.receive() == [2, 3])
        #expect(try ends.receive() == [4])
        #expect(try ends.receive() == nil)
        #expect(try ends.receive() == nil)
    }
}

/// Both ends, each to be closed by itself.
private final class Ends {
    var ours: FileDescriptor?
    var theirs: FileDescriptor?

    init(_ pair: consuming MessagePair) {
        pair.split {
            ours = .some($0)
            theirs = .some($1)
        }
    }

    func receive() throws -> [UInt8]? {
        guard let packet = try ours?.receivePacket() ?? nil else { return nil }
        return packet.bytes
    }
}
