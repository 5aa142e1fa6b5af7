// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Testing

@Suite struct DetachKeysTests {
    @Test(
        arguments: [
            (nil, [16, 17]), ("", [16, 17]), ("ctrl-a,x,ctrl-@,ctrl-]", [1, 120, 0, 29]), ("DEL,ctrl-_", [127, 31]),
            ("ctrl-z", [26]),
        ] as [(String?, [UInt8])])
    func readsKeys(_ text: String?, _ bytes: [UInt8]) throws { #expect(try DetachKeys.parse(text) == bytes) }

    @Test(arguments: ["ctrl-", "ctrl-ab", "ctrl-A", "ab", "ctrl-1", "a,,b", "é"])
    func refuses(_ text: String) { #expect(throws: DetachKeys.UnknownKey.self) { try DetachKeys.parse(text) } }
}
