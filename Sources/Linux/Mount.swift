// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Attributes of one mount (not of its file system): MOUNT_ATTR_* of mount_setattr(2).
package struct MountAttributes: OptionSet, Sendable {
    package var rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let readOnly = Self(rawValue: 0x1)
    package static let noSetuid = Self(rawValue: 0x2)
    package static let noDevices = Self(rawValue: 0x4)
    package static let noExecute = Self(rawValue: 0x8)
    /// The three values of the access-time field; `relativeAccessTime` is 0.
    package static let noAccessTime = Self(rawValue: 0x10)
    package static let strictAccessTime = Self(rawValue: 0x20)
    package static let accessTimeMask = Self(rawValue: 0x70)
    package static let noDirectoryAccessTime = Self(rawValue: 0x80)
    package static let noSymbolicLinkFollow = Self(rawValue: 0x20_0000)
}

/// How mounts and unmounts below a mount travel to its copies (mount_namespaces(7)).
package enum Propagation: UInt64, Sendable {
    case shared = 0x10_0000
    case slave = 0x8_0000
    case `private` = 0x4_0000
    case unbindable = 0x2_0000
}

/// A file system being configured: fsopen(2).
package struct FilesystemContext: ~Copyable {
    package let descriptor: FileDescriptor
    private let type: String

    /// Opens a context for a new instance of `type`.
    package init(_ type: String) throws(Errno) {
        let number = type.withCString { wharf_fsopen($0, 1) }
        guard number >= 0 else { throw .last("fsopen", type) }
        self.descriptor = FileDescriptor(owning: number)
        self.type = type
    }

    private init(_ number: Int32) {
        descriptor = FileDescriptor(owning: number)
        type = "remount"
    }

    /// Sets a parameter that is a word: `ro`, `newinstance`.
    package func setFlag(_ key: String) throws(Errno) {
        guard key.withCString({ wharf_fsconfig(descriptor.rawValue, 0, $0, nil, 0) }) == 0 else {
            throw .last("fsconfig", "\(type) \(key)")
        }
    }

    /// Sets `key=value`.
    package func set(_ key: String, _ value: String) throws(Errno) {
        let result = key.withCString { key in
            value.withCString { wharf_fsconfig(descriptor.rawValue, 1, key, $0, 0) }
        }
        guard result == 0 else { throw .last("fsconfig", "\(type) \(key)=\(value)") }
    }

    /// Sets a parameter to an open file: overlay's `lowerdir+`, `upperdir`, `workdir` (Linux 6.13).
    package func set(_ key: String, descriptor file: borrowing FileDescriptor) throws(Errno) {
        let number = file.rawValue
        guard key.withCString({ wharf_fsconfig(descriptor.rawValue, 5, $0, nil, number) }) == 0 else {
            throw .last("fsconfig", "\(type) \(key)")
        }
    }

    /// Makes the instance and a detached mount of it, which lasts as long as the descriptor or a mount of it does.
    package consuming func mount(_ attributes: MountAttributes = []) throws(Errno) -> FileDescriptor {
        guard wharf_fsconfig(descriptor.rawValue, 6, nil, nil, 0) == 0 else {
            throw .last("fsconfig", "\(type) create")
        }
        let number = wharf_fsmount(descriptor.rawValue, 1, UInt32(attributes.rawValue))
        guard number >= 0 else { throw .last("fsmount", type) }
        return FileDescriptor(owning: number)
    }

    /// What the file system had to say of the last failure (`e overlay: …`), or nothing.
    package func message() -> String? {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = bytes.withUnsafeMutableBytes { (try? descriptor.read(into: $0)) ?? 0 }
        return count > 2 ? String(decoding: bytes[2..<count], as: UTF8.self) : nil
    }
}

extension FileDescriptor {
    /// Clones the mount at a host path, detached; with `recursive`, all below it too.
    package static func cloneMount(_ path: String, recursive: Bool) throws(Errno) -> FileDescriptor {
        let number = path.withCString { wharf_open_tree(AT_FDCWD, $0, treeFlags(recursive)) }
        guard number >= 0 else { throw .last("open_tree", path) }
        return FileDescriptor(owning: number)
    }

    /// Clones the mount this descriptor stands on, with this file or directory as its root, detached.
    package func cloneMount(recursive: Bool) throws(Errno) -> FileDescriptor {
        let number = wharf_open_tree(rawValue, "", FileDescriptor.treeFlags(recursive) | UInt32(AT_EMPTY_PATH))
        guard number >= 0 else { throw .last("open_tree") }
        return FileDescriptor(owning: number)
    }

    private static func treeFlags(_ recursive: Bool) -> UInt32 {
        1 | UInt32(O_CLOEXEC) | (recursive ? 0x8000 : 0)
    }

    /// Attaches this detached mount on what `target` stands for, in the caller's mount namespace.
    package func attachMount(on target: borrowing FileDescriptor) throws(Errno) {
        // F_EMPTY_PATH | T_EMPTY_PATH
        guard wharf_move_mount(rawValue, "", target.rawValue, "", 0x4 | 0x40) == 0 else { throw .last("move_mount") }
    }

    /// Attaches this detached mount on a host path.
    package func attachMount(onHostPath path: String) throws(Errno) {
        let result = path.withCString { wharf_move_mount(rawValue, "", AT_FDCWD, $0, 0x4) }
        guard result == 0 else { throw .last("move_mount", path) }
    }

    /// Changes the mount this descriptor is the root of (and with `recursive` those below it).
    package func setMount(
        set: MountAttributes = [], clear: MountAttributes = [], propagation: Propagation? = nil, recursive: Bool = false
    ) throws(Errno) {
        // The access-time field is changed as a whole.
        let cleared = set.union(clear).isDisjoint(with: .accessTimeMask) ? clear : clear.union(.accessTimeMask)
        let flags = UInt32(AT_EMPTY_PATH) | (recursive ? 0x8000 : 0)
        let result = wharf_mount_setattr(
            rawValue, "", flags, set.rawValue, cleared.rawValue, propagation?.rawValue ?? 0)
        guard result == 0 else { throw .last("mount_setattr") }
    }

    /// Shows the ids of this detached mount (and with `recursive` of those below it) as the user namespace
    /// `userNamespace` maps them.
    package func mapIDs(of userNamespace: borrowing FileDescriptor, recursive: Bool) throws(Errno) {
        let flags = UInt32(AT_EMPTY_PATH) | (recursive ? 0x8000 : 0)
        guard wharf_mount_idmap(rawValue, flags, userNamespace.rawValue) == 0 else {
            throw .last("mount_setattr", "MOUNT_ATTR_IDMAP")
        }
    }
}

extension FilesystemContext {
    /// Opens the file system that `mount` is of, to change its parameters.
    package init(reconfiguring mount: borrowing FileDescriptor) throws(Errno) {
        let number = wharf_fspick(mount.rawValue, "", 0x1 | 0x8)  // FSPICK_CLOEXEC | FSPICK_EMPTY_PATH
        guard number >= 0 else { throw .last("fspick") }
        self.init(number)
    }

    /// Makes the changed parameters true.
    package consuming func reconfigure() throws(Errno) {
        guard wharf_fsconfig(descriptor.rawValue, 7, nil, nil, 0) == 0 else { throw .last("fsconfig", "reconfigure") }
    }
}

/// Changes the propagation of the mount at a host path and of all below it.
package func setPropagation(_ propagation: Propagation, ofHostPath path: String) throws(Errno) {
    let result = path.withCString { wharf_mount_setattr(AT_FDCWD, $0, 0x8000, 0, 0, propagation.rawValue) }
    guard result == 0 else { throw .last("mount_setattr", path) }
}

/// Makes the working directory the root of the mount namespace, and lets go of the old root.
package func pivotRootToWorkingDirectory() throws(Errno) {
    guard wharf_pivot_root(".", ".") == 0 else { throw .last("pivot_root") }
    // The old root now lies on top of the new one.
    guard wharf_umount2(".", MNT_DETACH_FLAG) == 0 else { throw .last("umount2", "old root") }
}

extension CurrentProcess {
    /// Makes the working directory the root of this process.
    package static func changeRootToWorkingDirectory() throws(Errno) {
        guard chroot(".") == 0 else { throw .last("chroot") }
    }
}

private let MNT_DETACH_FLAG: Int32 = 2
