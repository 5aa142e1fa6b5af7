// SPDX-License-Identifier: Apache-2.0

/// A path or a name as the kernel has it: bytes without NUL, in no particular encoding.
///
/// For names that come from archives and trees, which need not be UTF-8 and must come out as they went in.
package struct RawPath: Hashable, Sendable {
    /// With the terminating NUL.
    private var storage: [UInt8]

    /// Takes the bytes up to the first NUL.
    package init(_ bytes: some Collection<UInt8>) {
        storage = Array(bytes.prefix { $0 != 0 })
        storage.append(0)
    }

    package init(_ text: String) { self.init(text.utf8) }

    package var bytes: ArraySlice<UInt8> { storage.dropLast() }
    package var count: Int { storage.count - 1 }
    package var isEmpty: Bool { storage.count == 1 }

    /// What a descriptor itself is open on, for calls that take a name beside one.
    package static let here = RawPath("")

    /// `name` below this path.
    package func appending(_ name: RawPath) -> RawPath {
        isEmpty ? name : RawPath(Array(bytes) + [UInt8(ascii: "/")] + name.bytes)
    }

    /// The names between slashes; empty ones and `.` left out.
    package var components: [RawPath] {
        bytes.split(separator: UInt8(ascii: "/")).filter { $0 != [UInt8(ascii: ".")] }.map { RawPath($0) }
    }

    package init(components: some Sequence<RawPath>) {
        storage = []
        for component in components {
            if !storage.isEmpty { storage.append(UInt8(ascii: "/")) }
            storage += component.bytes
        }
        storage.append(0)
    }

    package var isDotDot: Bool { storage == [0x2e, 0x2e, 0] }

    package func hasPrefix(_ prefix: String) -> Bool { storage.starts(with: prefix.utf8) }
    package func dropFirst(_ count: Int) -> RawPath { RawPath(bytes.dropFirst(count)) }

    package func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try storage.withUnsafeBytes { buffer in
            // An array with the NUL in it is never empty, so it has a base address.
            try buffer.withMemoryRebound(to: CChar.self) { characters in
                guard let base = characters.baseAddress else { return try "".withCString(body) }
                return try body(base)
            }
        }
    }
}

extension RawPath: CustomStringConvertible {
    /// For messages: what is not UTF-8 is replaced.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension RawPath: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}
