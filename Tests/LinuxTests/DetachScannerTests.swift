// SPDX-License-Identifier: Apache-2.0

import Linux
import Testing

@Suite struct DetachScannerTests {
    @Test(arguments: [
        // keys, input in pieces (split at |), what goes on, whether it detaches
        ("pq", "ab|pq|cd", "ab", true),
        ("pq", "p|q", "", true),
        ("pq", "p|x", "px", false),
        ("pq", "ppq", "p", true),
        ("pq", "p", "", false),
        ("aab", "aa|ab", "a", true),
        ("abab", "abaabab", "aba", true),
        ("", "pq", "pq", false),
    ])
    func finds(keys: String, input: String, forwarded: String, detaches: Bool) {
        var scanner = DetachScanner(keys: Array(keys.utf8))
        var forward: [UInt8] = []
        var isDetached = false
        for piece in input.split(separator: "|") where !isDetached {
            let result = Array(piece.utf8).withUnsafeBytes { scanner.scan($0) }
            forward += result.forward
            isDetached = result.isDetached
        }
        #expect(String(decoding: forward, as: UTF8.self) == forwarded)
        #expect(isDetached == detaches)
    }
}
