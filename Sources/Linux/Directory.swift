// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A name in a directory, and what readdir(3) says of its type.
package struct DirectoryEntry: Sendable, Equatable {
    /// The name's bytes, which need not be UTF-8, and the terminating zero.
    package var bytes: [CChar]
    /// nil where the file system does not say.
    package var isDirectory: Bool?

    init(bytes: [CChar], isDirectory: Bool? = nil) {
        self.bytes = bytes
        self.isDirectory = isDirectory
    }

    /// The name as text; ill-formed UTF-8 is repaired, so that it may name another file or none.
    package var name: String { String(decoding: bytes.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
}

extension FileDescriptor {
    /// The names in this directory, without `.` and `..`, in no order. The descriptor may be an `O_PATH` one.
    package func entries() throws(Errno) -> [DirectoryEntry] {
        var result: [DirectoryEntry] = []
        let stream = try openStream()
        defer { closedir(stream) }
        while true {
            wharf_set_errno(0)
            guard let entry = readdir(stream) else {
                if wharf_errno() != 0 { throw .last("readdir") }
                return result
            }
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                raw.prefix { $0 != 0 }.map(CChar.init(bitPattern:)) + [0]
            }
            if bytes == [46, 0] || bytes == [46, 46, 0] { continue }
            let type = Int32(entry.pointee.d_type)
            result.append(.init(bytes: bytes, isDirectory: type == Int32(DT_UNKNOWN) ? nil : type == Int32(DT_DIR)))
        }
    }

    private func openStream() throws(Errno) -> OpaquePointer {
        let number = try openAt(".", O_RDONLY | O_DIRECTORY).release()
        guard let stream = fdopendir(number) else {
            let error = Errno.last("fdopendir")
            _ = Glibc.close(number)
            throw error
        }
        return stream
    }
}
