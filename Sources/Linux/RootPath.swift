// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Paths inside a container (rule R1): resolved by the kernel below a descriptor of the root, never turned into host
/// strings. Absolute links and `..` stay inside the root; magic links of /proc are refused.
extension FileDescriptor {
    private static let inRoot: UInt64 = 0x10 | 0x02  // RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS

    /// Opens `path` as a process whose root directory is this one would.
    package func openInRoot(_ path: some KernelPath, _ flags: Int32, mode: UInt32 = 0) throws(Errno) -> FileDescriptor {
        try resolve(path, flags, mode, FileDescriptor.inRoot)
    }

    /// The same, where a symbolic link anywhere in `path` is an error (ELOOP).
    package func openInRootWithoutLinks(_ path: String, _ flags: Int32) throws(Errno) -> FileDescriptor {
        try resolve(path, flags, 0, FileDescriptor.inRoot | 0x04)
    }

    /// Opens `path` in a procfs handle: neither mounts on top of it nor links are followed (rule R5).
    package func openInProc(_ path: String, _ flags: Int32) throws(Errno) -> FileDescriptor {
        try resolve(path, flags, 0, 0x08 | 0x04 | 0x02 | 0x01)  // BENEATH, NO_SYMLINKS, NO_MAGICLINKS, NO_XDEV
    }

    private func resolve(
        _ path: some KernelPath, _ flags: Int32, _ mode: UInt32, _ how: UInt64
    ) throws(Errno) -> FileDescriptor {
        // RESOLVE_IN_ROOT answers EAGAIN when a rename elsewhere might have moved a `..`: ask again, not for ever.
        for attempt in 0... {
            let number = path.withCString {
                wharf_openat2(rawValue, $0, UInt64(flags | O_CLOEXEC), UInt64(mode), how)
            }
            if number >= 0 { return FileDescriptor(owning: number) }
            let code = wharf_errno()
            if code == EINTR || (code == EAGAIN && attempt < 128) { continue }
            throw Errno(.init(rawValue: code), "openat2", "\(path)")
        }
        throw Errno(.again, "openat2", "\(path)")
    }

    /// Opens the directory `path` inside this root (`O_PATH`), and makes what is missing of it.
    package func makeDirectoryInRoot(_ path: String, mode: UInt32 = 0o755) throws(Errno) -> FileDescriptor {
        do throws(Errno) { return try openInRoot(path, O_PATH | O_DIRECTORY) } catch {
            guard error.code == .noEntry else { throw error }
        }
        return try walk(path, mode) { (parent, name) throws(Errno) in try parent.makeDirectory(name, mode: mode) }
    }

    /// Opens the file `path` inside this root (`O_PATH`, whatever its type), and makes an empty one where it is
    /// missing.
    package func makeFileInRoot(
        _ path: String, mode: UInt32 = 0o644, directoryMode: UInt32 = 0o755
    ) throws(Errno) -> FileDescriptor {
        do throws(Errno) { return try openInRoot(path, O_PATH) } catch {
            guard error.code == .noEntry else { throw error }
        }
        return try walk(path, directoryMode) { (parent, name) throws(Errno) in
            _ = try parent.openAt(name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, mode: mode)
        }
    }

    /// Walks `path` one name at a time, following links as a process inside would (dangling ones too: what they name
    /// is made), with `mkdir` on the way and `create` at its end.
    private func walk(
        _ path: String, _ mode: UInt32,
        create: (borrowing FileDescriptor, String) throws(Errno) -> Void
    ) throws(Errno) -> FileDescriptor {
        var rest = Array(path.split(separator: "/").map(String.init).reversed())
        var done: [String] = []
        var links = 0
        var directory = try openInRoot("/", O_PATH | O_DIRECTORY)
        while let name = rest.popLast() {
            if name == "." { continue }
            if name == ".." {
                _ = done.popLast()
                directory = try openInRoot("/" + done.joined(separator: "/"), O_PATH | O_DIRECTORY)
                continue
            }
            let next: FileDescriptor
            do throws(Errno) { next = try directory.openAt(name, O_PATH | O_NOFOLLOW) } catch {
                guard error.code == .noEntry else { throw error }
                do throws(Errno) {
                    if rest.isEmpty {
                        try create(directory, name)
                    } else {
                        try directory.makeDirectory(name, mode: mode)
                    }
                } catch {
                    guard error.code == .exists else { throw error }
                }
                next = try directory.openAt(name, O_PATH | O_NOFOLLOW)
            }
            if try next.status().isSymbolicLink {
                links += 1
                guard links <= 40 else { throw Errno(.tooManyLinks, "openat2", path) }
                let target = try directory.readSymbolicLink(name).description
                rest += target.split(separator: "/").map(String.init).reversed()
                if target.hasPrefix("/") {
                    done = []
                    directory = try openInRoot("/", O_PATH | O_DIRECTORY)
                }
                continue
            }
            done.append(name)
            directory = next
        }
        return directory
    }
}
