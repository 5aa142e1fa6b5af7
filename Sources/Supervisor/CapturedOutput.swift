// SPDX-License-Identifier: Apache-2.0

/// The beginning of a process's output, both streams as they come.
struct CapturedOutput {
    let limit: Int
    private var kept: [UInt8] = []
    private var isCut = false

    init(limit: Int) { self.limit = max(0, limit) }

    mutating func append(_ new: UnsafeRawBufferPointer) {
        let room = limit - kept.count
        kept.append(contentsOf: new.prefix(room))
        if new.count > room { isCut = true }
    }

    /// With three dots where something is missing.
    var bytes: [UInt8] { isCut ? kept + Array("...".utf8) : kept }
}
