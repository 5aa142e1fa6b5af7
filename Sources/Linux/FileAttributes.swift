// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Owner, mode, times and extended attributes: of the entry `name` in this directory, or, with `.here`, of what this
/// descriptor is open on (not with O_PATH). Symbolic links are never followed.
extension FileDescriptor {
    package func setOwner(_ name: RawPath = .here, uid: UInt32, gid: UInt32) throws(Errno) {
        let flags = AT_SYMLINK_NOFOLLOW | (name.isEmpty ? AT_EMPTY_PATH : 0)
        guard name.withCString({ fchownat(rawValue, $0, uid, gid, flags) }) == 0 else {
            throw .last("fchownat", "\(name)")
        }
    }

    /// Not for symbolic links, whose mode has no meaning: fchmodat(2) follows them.
    package func setMode(_ name: RawPath, _ mode: UInt32) throws(Errno) {
        let result = name.isEmpty ? fchmod(rawValue, mode) : name.withCString { fchmodat(rawValue, $0, mode, 0) }
        guard result == 0 else { throw .last("fchmodat", "\(name)") }
    }

    package func setTimes(_ name: RawPath, accessed: FileTime, modified: FileTime) throws(Errno) {
        var times = (accessed.timespec, modified.timespec)
        let result = withUnsafeBytes(of: &times) { bytes -> Int32 in
            let pointer = bytes.bindMemory(to: timespec.self).baseAddress
            if name.isEmpty { return futimens(rawValue, pointer) }
            return name.withCString { utimensat(rawValue, $0, pointer, AT_SYMLINK_NOFOLLOW) }
        }
        guard result == 0 else { throw .last("utimensat", "\(name)") }
    }

    package func setAttribute(_ name: RawPath, _ attribute: RawPath, _ value: [UInt8]) throws(Errno) {
        let result = attribute.withCString { attribute in
            value.withUnsafeBytes { value in
                if name.isEmpty { return wharf_fsetxattr(rawValue, attribute, value.baseAddress, value.count) }
                return withPath(of: name) { wharf_lsetxattr($0, attribute, value.baseAddress, value.count) }
            }
        }
        guard result == 0 else { throw .last("setxattr", "\(name) \(attribute)") }
    }

    /// The attribute's value, nil if there is none.
    package func attribute(_ name: RawPath, _ attribute: RawPath) throws(Errno) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: 65536)
        let count = attribute.withCString { attribute in
            value.withUnsafeMutableBytes { value in
                withPath(of: name) { wharf_lgetxattr($0, attribute, value.baseAddress, value.count) }
            }
        }
        if count >= 0 { return Array(value[..<count]) }
        if wharf_errno() == ENODATA || wharf_errno() == EOPNOTSUPP { return nil }
        throw .last("getxattr", "\(name) \(attribute)")
    }

    /// The value of an attribute of the file this descriptor is open on; nil if it has none, or a longer one than
    /// `limit` bytes.
    package func ownAttribute(_ attribute: RawPath, limit: Int) -> [UInt8]? {
        var value = [UInt8](repeating: 0, count: limit)
        let count = attribute.withCString { attribute in
            value.withUnsafeMutableBytes { wharf_fgetxattr(rawValue, attribute, $0.baseAddress, $0.count) }
        }
        return count >= 0 ? Array(value[..<count]) : nil
    }

    package func attributes(_ name: RawPath) throws(Errno) -> [RawPath] {
        // Most have none: asked without a buffer first.
        let size = withPath(of: name) { wharf_llistxattr($0, nil, 0) }
        if size == 0 { return [] }
        var list = [UInt8](repeating: 0, count: 65536)
        let count = list.withUnsafeMutableBytes { list in
            withPath(of: name) {
                wharf_llistxattr($0, list.bindMemory(to: CChar.self).baseAddress, list.count)
            }
        }
        if count >= 0 { return list[..<count].split(separator: 0).map { RawPath($0) } }
        if wharf_errno() == EOPNOTSUPP { return [] }
        throw .last("listxattr", "\(name)")
    }

    /// The xattr calls have no `*at` form before Linux 6.13; the descriptor's link in /proc stands for the directory,
    /// and lsetxattr(2) does not follow the last name. An empty name is the directory itself.
    private func withPath<Result>(of name: RawPath, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let suffix = name.isEmpty ? Array("/.".utf8) : [UInt8(ascii: "/")] + name.bytes
        return RawPath(Array("/proc/self/fd/\(rawValue)".utf8) + suffix).withCString(body)
    }

    /// Gives the entry `name` of `target` (with `.here`, `target` itself) the owner, extended attributes, mode and
    /// times, to the nanosecond, of the one in this directory. overlayfs's own attributes belong to a mount and are
    /// left out.
    package func copyAttributes(_ name: RawPath = .here, to target: borrowing FileDescriptor) throws(Errno) {
        let status = try status(of: name)
        try target.setOwner(name, uid: status.uid, gid: status.gid)
        // AFTER the owner: chown(2) drops security.capability and the set-id bits.
        for key in try attributes(name) where !key.hasPrefix("trusted.overlay.") {
            guard let value = try attribute(name, key) else { continue }
            try target.setAttribute(name, key, value)
        }
        if !status.isSymbolicLink { try target.setMode(name, status.mode & 0o7777) }
        try target.setTimes(name, accessed: status.accessed, modified: status.modified)
    }
}
