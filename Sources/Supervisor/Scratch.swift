// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The one buffer that all copying of the loop goes through; it exists while there is something to copy.
final class Scratch {
    static let size = 64 * 1024
    private var memory: UnsafeMutableRawBufferPointer?

    /// The buffer. Whoever uses it finishes with it before anybody else is called who might.
    var buffer: UnsafeMutableRawBufferPointer {
        if let memory { return memory }
        let new = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.size, alignment: 4096)
        memory = new
        return new
    }

    func release() {
        memory?.deallocate()
        memory = nil
        Heap.trim()
        CallStack.release()
    }
}
