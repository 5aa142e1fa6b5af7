// SPDX-License-Identifier: Apache-2.0

internal import CZlib
internal import Glibc
package import Linux

/// Whole files through gzip. Blocking, with a buffer of its own.
package enum GzipFile {
    private static let pieceSize = 64 << 10
    /// Bytes that a file is let expand to: no log file is nearly as large.
    private static let longest: Int64 = 64 << 30

    package static func compress(
        _ source: borrowing FileDescriptor, into target: borrowing FileDescriptor
    ) throws(Errno) {
        let stream = try open(target, "wb6")
        var isWritten = true
        var piece = [UInt8](repeating: 0, count: pieceSize)
        do throws(Errno) {
            while isWritten {
                let count = try read(source, &piece)
                if count == 0 { break }
                isWritten = gzwrite(stream, piece, UInt32(count)) == Int32(count)
            }
        } catch {
            _ = gzclose(stream)
            throw error
        }
        guard gzclose(stream) == Z_OK, isWritten else { throw Errno(.init(rawValue: EIO), "gzwrite", "log") }
    }

    private static func read(_ file: borrowing FileDescriptor, _ piece: inout [UInt8]) throws(Errno) -> Int {
        let count = Glibc.read(file.rawValue, &piece, piece.count)
        if count < 0 { throw .last("read") }
        return count
    }

    static func expand(
        _ source: borrowing FileDescriptor, into target: borrowing FileDescriptor
    ) throws(Errno) {
        let stream = try open(source, "rb")
        defer { _ = gzclose(stream) }
        var piece = [UInt8](repeating: 0, count: pieceSize)
        var total: Int64 = 0
        while true {
            let count = gzread(stream, &piece, UInt32(pieceSize))
            if count == 0 { return }
            total += Int64(count)
            guard count > 0, total <= longest else { throw Errno(.init(rawValue: EIO), "gzread", "log") }
            try target.writeAll(Array(piece[..<Int(count)]))
        }
    }

    private static func open(_ file: borrowing FileDescriptor, _ mode: String) throws(Errno) -> gzFile {
        // The stream closes a copy of its own.
        let copy = dup(file.rawValue)
        guard copy >= 0 else { throw .last("dup") }
        guard let stream = gzdopen(copy, mode) else {
            close(copy)
            throw Errno(.init(rawValue: ENOMEM), "gzdopen", "log")
        }
        return stream
    }
}
