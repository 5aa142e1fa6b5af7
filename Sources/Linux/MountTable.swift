// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The mounts of a process's mount namespace that its root shows: /proc/PID/mountinfo.
package struct MountTable: Sendable {
    package struct Entry: Sendable, Equatable {
        package var id: Int32
        package var parent: Int32
        /// The part of the file system that is mounted: `/` is all of it.
        package var root: String
        /// Where, from the process's root.
        package var path: String
        package var type: String

        package init(id: Int32, parent: Int32, root: String, path: String, type: String) {
            self.id = id
            self.parent = parent
            self.root = root
            self.path = path
            self.type = type
        }
    }

    /// In the order of mounting.
    package let entries: [Entry]

    package init(_ text: [UInt8]) {
        entries = text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
            // 36 35 0:26 / /mnt rw,noatime shared:9 - ext4 /dev/vda rw
            guard fields.count > 6, let id = Int32(fields[0]), let parent = Int32(fields[1]),
                let dash = fields.dropFirst(6).firstIndex(of: "-"), dash + 1 < fields.count
            else { return nil }
            return Entry(
                id: id, parent: parent, root: MountTable.unescape(fields[3]), path: MountTable.unescape(fields[4]),
                type: String(fields[dash + 1]))
        }
    }

    /// Reads it; `proc` is a procfs, `pid` a number in there, or `self`.
    package init(of pid: String, proc: borrowing FileDescriptor) throws(Errno) {
        self.init(try proc.openAt("\(pid)/mountinfo", O_RDONLY).readAll(limit: 64 << 20))
    }

    /// `\040` is a blank: bytes that would end a field are written in octal.
    private static func unescape(_ field: Substring) -> String {
        guard field.utf8.contains(UInt8(ascii: "\\")) else { return String(field) }
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (48...55).contains($0) }) else {
                bytes.append(byte)
                continue
            }
            bytes.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 48) })
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
