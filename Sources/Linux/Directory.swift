// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// The entries of a directory, one at a time, without `.` and `..`, in no order.
package struct DirectoryEntries: ~Copyable {
    private let stream: OpaquePointer

    package struct Entry: Sendable {
        package var name: RawPath
        /// What readdir(3) says; nil where the file system does not tell.
        package var isDirectory: Bool?
    }

    /// Reads the directory that `directory` is open on (`O_PATH` will do).
    package init(_ directory: borrowing FileDescriptor) throws(Errno) {
        let number = try directory.openAt(".", O_RDONLY | O_DIRECTORY).release()
        guard let stream = fdopendir(number) else {
            let error = Errno.last("fdopendir")
            _ = Glibc.close(number)
            throw error
        }
        self.stream = stream
    }

    deinit { closedir(stream) }

    package mutating func next() throws(Errno) -> Entry? {
        while true {
            wharf_set_errno(0)
            guard let entry = readdir(stream) else {
                if wharf_errno() == 0 { return nil }
                throw .last("readdir")
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { RawPath($0) }
            if name.bytes == [0x2e] || name.isDotDot { continue }
            let type = Int32(entry.pointee.d_type)
            return Entry(name: name, isDirectory: type == Int32(DT_UNKNOWN) ? nil : type == Int32(DT_DIR))
        }
    }
}

extension FileDescriptor {
    /// All entries of this directory: for one that is changed while it is read, or is known to be small.
    package func entries() throws(Errno) -> [DirectoryEntries.Entry] {
        var result: [DirectoryEntries.Entry] = []
        var entries = try DirectoryEntries(self)
        while let entry = try entries.next() { result.append(entry) }
        return result
    }
}
