// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// An owned file descriptor: closed exactly once, when it goes out of scope. Always close-on-exec.
///
/// A raw `Int32` is seen outside this module only where a C library or another process's numbering needs it
/// (`rawValue`, `init(owning:)`, `release()`).
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number, valid while this value lives.
    public let rawValue: Int32

    /// Takes over `rawValue`; nobody else may close it.
    public init(owning rawValue: Int32) { self.rawValue = rawValue }

    deinit { _ = Glibc.close(rawValue) }

    /// Gives up ownership: the caller closes it.
    public consuming func release() -> Int32 {
        let number = rawValue
        discard self
        return number
    }

    /// Closes now and reports what close(2) says (EIO, ENOSPC of a delayed write).
    public consuming func close() throws(Errno) {
        let number = release()
        if Glibc.close(number) != 0, wharf_errno() != EINTR { throw .last("close") }
    }

    /// A second descriptor of the same open file, close-on-exec.
    public func duplicate() throws(Errno) -> FileDescriptor { try FileDescriptor(duplicating: rawValue) }

    /// A second descriptor of an open file that someone else owns, close-on-exec.
    public init(duplicating number: Int32) throws(Errno) {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .last("dup") }
        self.init(owning: copy)
    }
}

extension FileDescriptor {
    /// Opens a host path (never one that comes from inside a container: see `openat2` with RESOLVE_IN_ROOT for those).
    public static func open(_ path: String, _ flags: Int32, mode: UInt32 = 0o600) throws(Errno) -> FileDescriptor {
        while true {
            let number = wharf_openat(AT_FDCWD, path, flags | O_CLOEXEC, mode)
            if number >= 0 { return FileDescriptor(owning: number) }
            if wharf_errno() != EINTR { throw .last("open", path) }
        }
    }

    /// Reads at most `buffer.count` bytes; 0 means end of file. Retries EINTR; EAGAIN is thrown.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        while true {
            let count = Glibc.read(rawValue, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if wharf_errno() != EINTR { throw .last("read") }
        }
    }

    /// Writes at most `buffer.count` bytes and returns how many. Retries EINTR; EAGAIN is thrown.
    public func write(_ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
        while true {
            let count = Glibc.write(rawValue, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if wharf_errno() != EINTR { throw .last("write") }
        }
    }

    /// Writes all of it, on a blocking descriptor.
    public func writeAll(_ buffer: UnsafeRawBufferPointer) throws(Errno) {
        var rest = buffer
        while !rest.isEmpty {
            let count = try write(rest)
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Writes all of `bytes`, on a blocking descriptor.
    public func writeAll(_ bytes: [UInt8]) throws(Errno) {
        var failure: Errno?
        bytes.withUnsafeBytes { buffer in
            do throws(Errno) { try writeAll(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Reads to the end of the file, refusing more than `limit` bytes with EFBIG.
    public func readAll(limit: Int) throws(Errno) -> [UInt8] {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            var failure: Errno?
            let count = chunk.withUnsafeMutableBytes { buffer -> Int in
                do throws(Errno) { return try read(into: buffer) } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            if count == 0 { return result }
            guard result.count + count <= limit else { throw Errno(.init(rawValue: EFBIG), "read") }
            result.append(contentsOf: chunk[..<count])
        }
    }
}

/// open(2)'s flag, which Glibc's module leaves out.
package let O_PATH: Int32 = 0o1000_0000
