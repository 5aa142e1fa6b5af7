// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// poll(2) over a few descriptors, for a program with one loop of its own.
package struct PollSet: Sendable {
    /// A descriptor and what is waited for; a negative number is left out.
    package struct Entry: Sendable {
        package var descriptor: Int32
        package var wantsRead: Bool
        package var wantsWrite: Bool
        package fileprivate(set) var isReadable = false
        package fileprivate(set) var isWritable = false
        /// The other end is gone.
        package fileprivate(set) var hasEnded = false

        package init(_ descriptor: Int32, read: Bool = false, write: Bool = false) {
            self.descriptor = descriptor
            wantsRead = read
            wantsWrite = write
        }
    }

    /// Waits for one of them. An end counts as readable, so that the reader finds it.
    package static func wait(_ entries: inout [Entry], milliseconds: Int32 = -1) throws(Errno) {
        var list = entries.map { entry in
            let events = (entry.wantsRead ? Int16(POLLIN) : 0) | (entry.wantsWrite ? Int16(POLLOUT) : 0)
            return pollfd(fd: events == 0 ? -1 : entry.descriptor, events: events, revents: 0)
        }
        while poll(&list, nfds_t(list.count), milliseconds) < 0 {
            if wharf_errno() != EINTR { throw .last("poll") }
        }
        for index in entries.indices {
            let found = list[index].revents
            let ended = found & Int16(POLLHUP | POLLERR | POLLNVAL) != 0
            entries[index].hasEnded = ended
            entries[index].isReadable = entries[index].wantsRead && (found & Int16(POLLIN) != 0 || ended)
            entries[index].isWritable = entries[index].wantsWrite && (found & Int16(POLLOUT) != 0 || ended)
        }
    }
}

/// Reads and writes on descriptors that belong to somebody else: standard input and output, a stream's socket.
package enum RawDescriptor {
    package static func read(_ number: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        while true {
            let count = Glibc.read(number, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if wharf_errno() != EINTR { throw .last("read") }
        }
    }

    /// Writes all of it; a descriptor that somebody made non-blocking is waited for.
    package static func writeAll(_ number: Int32, _ bytes: UnsafeRawBufferPointer) throws(Errno) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(number, rest.baseAddress, rest.count)
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if wharf_errno() == EAGAIN {
                var entries = [PollSet.Entry(number, write: true)]
                try PollSet.wait(&entries)
            } else if wharf_errno() != EINTR {
                throw .last("write")
            }
        }
    }

    package static func writeAll(_ number: Int32, _ bytes: [UInt8]) throws(Errno) {
        var failure: Errno?
        bytes.withUnsafeBytes { buffer in
            do throws(Errno) { try writeAll(number, buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}

/// The local time zone.
package enum LocalTime {
    /// Calendar fields, offset from UTC in seconds and the zone's name, at a Unix time.
    package static func fields(
        at seconds: Int64
    ) -> (
        year: Int, month: Int, day: Int, weekday: Int, hour: Int, minute: Int, second: Int, offset: Int, zone: String
    ) {
        var time = time_t(seconds)
        var fields = tm()
        tzset()
        localtime_r(&time, &fields)
        let zone = fields.tm_zone.map { String(cString: $0) } ?? "UTC"
        return (
            Int(fields.tm_year) + 1900, Int(fields.tm_mon) + 1, Int(fields.tm_mday), Int(fields.tm_wday),
            Int(fields.tm_hour), Int(fields.tm_min), Int(fields.tm_sec), Int(fields.tm_gmtoff), zone
        )
    }
}
