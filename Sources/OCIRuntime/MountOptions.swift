// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The options of one OCI mount, sorted by what they go to: the mount, its propagation, or the file system.
struct MountOptions: Equatable {
    var set: MountAttributes = []
    var clear: MountAttributes = []
    /// The same for all mounts below (`rro`).
    var recursiveSet: MountAttributes = []
    var recursiveClear: MountAttributes = []
    var isBind = false
    var isRecursiveBind = false
    /// A mount that is there is changed.
    var isRemount = false
    /// What is below the mount point is copied in (tmpfs).
    var copiesUp = false
    /// nil: ids are shown as they are.
    var idMapping: Depth?
    var propagation: Propagation?
    var propagationIsRecursive = false
    /// For fsconfig(2): `key`, or `key=value`.
    var data: [String] = []

    enum Depth: Equatable {
        case one, recursive
    }

    init(_ options: [String]) throws(RuntimeError) {
        for option in options {
            if takeAttribute(option) || takePropagation(option) { continue }
            switch option {
            case "defaults", "": break
            case "bind": isBind = true
            case "rbind":
                isBind = true
                isRecursiveBind = true
            case "remount": isRemount = true
            case "tmpcopyup": copiesUp = true
            case "idmap": idMapping = .one
            case "ridmap": idMapping = .recursive
            case "async", "nomand", "loud", "silent", "nolazytime", "noiversion", "iversion", "noquota": break
            default: data.append(option)
            }
        }
    }

    private static func attribute(_ option: String) -> (attribute: MountAttributes, on: Bool)? {
        switch option {
        case "ro": (.readOnly, true)
        case "rw": (.readOnly, false)
        case "nosuid": (.noSetuid, true)
        case "suid": (.noSetuid, false)
        case "nodev": (.noDevices, true)
        case "dev": (.noDevices, false)
        case "noexec": (.noExecute, true)
        case "exec": (.noExecute, false)
        case "noatime": (.noAccessTime, true)
        case "atime": (.noAccessTime, false)
        case "strictatime": (.strictAccessTime, true)
        case "nostrictatime": (.strictAccessTime, false)
        case "nodiratime": (.noDirectoryAccessTime, true)
        case "diratime": (.noDirectoryAccessTime, false)
        case "nosymfollow": (.noSymbolicLinkFollow, true)
        case "symfollow": (.noSymbolicLinkFollow, false)
        case "norelatime": ([], false)
        default: nil
        }
    }

    private mutating func takeAttribute(_ option: String) -> Bool {
        if let (attribute, on) = MountOptions.attribute(option) {
            MountOptions.change(attribute, on, &set, &clear)
            return true
        }
        // The value 0 of the access-time field.
        if option == "relatime" || option == "rrelatime" {
            if option == "relatime" {
                MountOptions.change(.accessTimeMask, false, &set, &clear)
            } else {
                MountOptions.change(.accessTimeMask, false, &recursiveSet, &recursiveClear)
            }
            return true
        }
        // `rro` and its like; `rw` was found above.
        guard option.hasPrefix("r"), let (attribute, on) = MountOptions.attribute(String(option.dropFirst())) else {
            return false
        }
        MountOptions.change(attribute, on, &recursiveSet, &recursiveClear)
        return true
    }

    private static func change(
        _ attribute: MountAttributes, _ on: Bool, _ set: inout MountAttributes, _ clear: inout MountAttributes
    ) {
        // The last one wins; the values of the access-time field exclude each other.
        if on, !attribute.isDisjoint(with: .accessTimeMask) { set.subtract(.accessTimeMask) }
        if on {
            set.formUnion(attribute)
            clear.subtract(attribute)
        } else {
            clear.formUnion(attribute)
            set.subtract(attribute)
        }
    }

    private mutating func takePropagation(_ option: String) -> Bool {
        let recursive = option.hasPrefix("r") && option != "remount"
        switch recursive ? String(option.dropFirst()) : option {
        case "private": propagation = .private
        case "shared": propagation = .shared
        case "slave": propagation = .slave
        case "unbindable": propagation = .unbindable
        default: return false
        }
        propagationIsRecursive = recursive
        return true
    }
}
