// SPDX-License-Identifier: Apache-2.0

/// Finds the detach keys in a terminal's input. Bytes that begin the sequence are held back until it is clear that it
/// does not go on.
package struct DetachScanner: Sendable {
    private let keys: [UInt8]
    private var held: [UInt8] = []

    /// With no keys nothing detaches.
    package init(keys: [UInt8]) { self.keys = keys }

    /// What of `input` goes on to the container, and whether the sequence is complete; what comes after it goes
    /// nowhere.
    package mutating func scan(_ input: UnsafeRawBufferPointer) -> (forward: [UInt8], isDetached: Bool) {
        guard let first = keys.first else { return (Array(input), false) }
        if held.isEmpty, !input.contains(first) { return (Array(input), false) }
        var forward: [UInt8] = []
        forward.reserveCapacity(input.count)
        for byte in input {
            held.append(byte)
            while !held.isEmpty, !keys.starts(with: held) { forward.append(held.removeFirst()) }
            if held.count == keys.count {
                held = []
                return (forward, true)
            }
        }
        return (forward, false)
    }
}
