// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// inotify(7): tells that something changed in a directory or file. What changed, the owner finds out by looking.
package struct Inotify: Sendable {
    package let descriptor: SharedDescriptor

    package init() throws(Errno) {
        let number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard number >= 0 else { throw .last("inotify_init1") }
        descriptor = SharedDescriptor(FileDescriptor(owning: number))
    }

    package struct Events: OptionSet, Sendable {
        package var rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let modified = Events(rawValue: UInt32(IN_MODIFY))
        package static let created = Events(rawValue: UInt32(IN_CREATE))
        package static let movedTo = Events(rawValue: UInt32(IN_MOVED_TO))
        package static let deleted = Events(rawValue: UInt32(IN_DELETE))
    }

    /// Adds a path, or changes what of it is watched. Throws ENOSPC when the user has too many watches.
    package func watch(_ path: String, _ events: Events) throws(Errno) {
        if inotify_add_watch(descriptor.rawValue, path, events.rawValue) < 0 { throw .last("inotify_add_watch", path) }
    }

    /// Forgets the events that are waiting; returns whether there were any.
    @discardableResult
    package func drain() -> Bool {
        var any = false
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            while let count = try? descriptor.descriptor.read(into: buffer), count > 0 { any = true }
        }
        return any
    }
}
