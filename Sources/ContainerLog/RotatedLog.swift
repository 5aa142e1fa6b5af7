// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import Linux

/// The files that a log was rotated to: `log.1`, the newest, or `log.1.gz`, and so on. A number has one file.
package enum RotatedLog {
    static let packed = ".gz"
    private static let originAttribute = RawPath("user.wharf.origin")

    static func exists(_ path: String, _ number: Int) -> Bool {
        access("\(path).\(number)", F_OK) == 0 || access("\(path).\(number)\(packed)", F_OK) == 0
    }

    static func remove(_ path: String, _ number: Int) {
        for suffix in ["", packed] { _ = unlink("\(path).\(number)\(suffix)") }
    }

    static func move(_ path: String, from number: Int, to next: Int) {
        for suffix in ["", packed] { _ = rename("\(path).\(number)\(suffix)", "\(path).\(next)\(suffix)") }
    }

    // MARK: Compression

    /// A file that is to be compressed, and the one that it becomes, which has no number yet.
    ///
    /// To be held until `install`: while the file is open its identity is nobody else's.
    package struct Work {
        package let source: SharedDescriptor
        package let target: SharedDescriptor
        let identity: FileIdentity
    }

    /// The oldest file that is not compressed; nil: there is none.
    package static func nextWork(_ path: String) throws(Errno) -> Work? {
        var number = 1
        while exists(path, number) { number += 1 }
        while number > 1 {
            number -= 1
            let name = "\(path).\(number)"
            guard access(name, F_OK) == 0 else { continue }
            let source = try FileDescriptor.open(name, O_RDONLY | O_NOFOLLOW)
            let identity = FileIdentity(try source.status())
            // Another file than that of a compressor whose supervisor was killed, which may be at work yet.
            _ = unlink(unfinished(path))
            let target = try FileDescriptor.open(unfinished(path), O_RDWR | O_CREAT | O_EXCL, mode: 0o640)
            // Who reads on in the file knows it again by these.
            if let rotation = LogFile.rotation(of: source) { LogFile.setRotation(rotation, of: target) }
            try? target.setAttribute(.here, originAttribute, Array(identity.text.utf8))
            return Work(source: SharedDescriptor(source), target: SharedDescriptor(target), identity: identity)
        }
        return nil
    }

    /// Puts the compressed file in the place that the other one has by now; drops it where that was rotated away.
    package static func install(_ path: String, _ work: Work) {
        var number = 1
        while exists(path, number) {
            let name = "\(path).\(number)"
            if let file = try? FileDescriptor.open(name, O_PATH | O_NOFOLLOW), let status = try? file.status(),
                FileIdentity(status) == work.identity
            {
                // In this order: at every moment one of them is there.
                if rename(unfinished(path), name + packed) == 0 { _ = unlink(name) }
                return
            }
            number += 1
        }
        discard(path)
    }

    package static func discard(_ path: String) { _ = unlink(unfinished(path)) }

    private static func unfinished(_ path: String) -> String { path + ".packing" }

    /// The file that this one was made of.
    static func origin(of file: borrowing FileDescriptor) -> FileIdentity? {
        file.ownAttribute(originAttribute, limit: 64).flatMap { FileIdentity(String(decoding: $0, as: UTF8.self)) }
    }
}

/// Which file, whatever it is called.
struct FileIdentity: Equatable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(_ status: FileStatus) {
        device = status.device
        inode = status.inode
    }

    init?(_ text: String) {
        let numbers = text.split(separator: ":").compactMap { UInt64($0) }
        guard numbers.count == 2 else { return nil }
        device = numbers[0]
        inode = numbers[1]
    }

    var text: String { "\(device):\(inode)" }
}
