// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Files of the engine's own, by host path: never anything that a container names.
package enum HostPath {
    /// Makes `path` and what is missing above it. What is there already stays as it is.
    package static func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(Errno) {
        if mkdir(path, mode) == 0 { return }
        let error = Errno.last("mkdir", path)
        switch error.code {
        case .exists:
            guard isDirectory(path) else { throw error }
        case .noEntry:
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { throw error }
            try makeDirectories(String(path[..<slash]), mode: mode)
            guard mkdir(path, mode) == 0 || wharf_errno() == EEXIST else { throw .last("mkdir", path) }
        default: throw error
        }
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Writes a new file, or a new content; not atomic, as nobody reads these before they are whole.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws(Errno) {
        let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        try file.writeAll(bytes)
    }

    package static func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws(Errno) {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    package static func read(_ path: String, limit: Int = 1 << 20) throws(Errno) -> [UInt8] {
        try FileDescriptor.open(path, O_RDONLY).readAll(limit: limit)
    }

    /// What a small file of the kernel's or of the engine's own says, without the white space around it.
    package static func readLine(_ path: String) throws(Errno) -> String {
        let text = String(decoding: try read(path, limit: 4096), as: UTF8.self)
        return String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// The names in the directory at `path`; none if there is no such directory.
    package static func names(in path: String) throws(Errno) -> [String] {
        do throws(Errno) {
            return try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY).entries().map(\.name.description)
        } catch {
            if error.code == .noEntry { return [] }
            throw error
        }
    }

    /// Removes `name` in the directory at `parent`, and all below it; what is not there is no error.
    package static func removeTree(_ name: String, in parent: String) throws(Errno) {
        let directory: FileDescriptor
        do throws(Errno) { directory = try FileDescriptor.open(parent, O_RDONLY | O_DIRECTORY) } catch {
            if error.code == .noEntry { return }
            throw error
        }
        try directory.removeTree(name)
    }

    /// Renames `name` in the directory at `parent`; one that is not there is no error.
    package static func rename(_ name: String, to new: String, in parent: String) throws(Errno) {
        guard Glibc.rename("\(parent)/\(name)", "\(parent)/\(new)") == 0 || wharf_errno() == ENOENT else {
            throw .last("rename", name)
        }
    }

    /// Makes a symbolic link, in place of one that is there.
    package static func link(_ path: String, to target: String) throws(Errno) {
        if symlink(target, path) == 0 { return }
        guard wharf_errno() == EEXIST, Glibc.unlink(path) == 0, symlink(target, path) == 0 else {
            throw .last("symlink", path)
        }
    }

    package static func remove(_ path: String) throws(Errno) {
        guard Glibc.unlink(path) == 0 || wharf_errno() == ENOENT else { throw .last("unlink", path) }
    }
}

/// The host as uname(2), sysconf(3) and /proc know it.
package struct HostFacts: Sendable {
    package var machine: String
    package var kernelVersion: String
    package var hostname: String
    package var processors: Int
    /// Bytes.
    package var memory: Int64
    /// The unified hierarchy alone is mounted at /sys/fs/cgroup.
    package var isUnifiedCgroup: Bool

    package static func probe() -> HostFacts {
        var names = utsname()
        uname(&names)
        let unified = (try? FileDescriptor.filesystemType(ofHostPath: "/sys/fs/cgroup")) == 0x6367_7270
        return HostFacts(
            machine: text(&names.machine), kernelVersion: text(&names.release), hostname: text(&names.nodename),
            processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            memory: Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))),
            isUnifiedCgroup: unified)
    }

    private static func text<Tuple>(_ field: inout Tuple) -> String {
        withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
