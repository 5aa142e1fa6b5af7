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
    var propagation: Propagation?
    var propagationIsRecursive = false
    /// For fsconfig(2): `key`, or `key=value`.
    var data: [String] = []

    init(_ options: [String]) throws(RuntimeError) {
        for option in options {
            if takeAttribute(option) || takePropagation(option) { continue }
            switch option {
            case "defaults", "": break
            case "bind": isBind = true
            case "rbind":
                isBind = true
                isRecursiveBind = true
            case "remount", "idmap", "ridmap", "tmpcopyup":
                throw ContainerPlan.unsupported("mount option \"\(option)\"")
            case "async", "nomand", "loud", "nolazytime", "noiversion", "noquota": break
            default: data.append(option)
            }
        }
    }

    private static let attributes: [String: (attribute: MountAttributes, on: Bool)] = [
        "ro": (.readOnly, true), "rw": (.readOnly, false),
        "nosuid": (.noSetuid, true), "suid": (.noSetuid, false),
        "nodev": (.noDevices, true), "dev": (.noDevices, false),
        "noexec": (.noExecute, true), "exec": (.noExecute, false),
        "noatime": (.noAccessTime, true), "atime": (.noAccessTime, false),
        "strictatime": (.strictAccessTime, true), "nostrictatime": (.strictAccessTime, false),
        "nodiratime": (.noDirectoryAccessTime, true), "diratime": (.noDirectoryAccessTime, false),
        "nosymfollow": (.noSymbolicLinkFollow, true), "symfollow": (.noSymbolicLinkFollow, false),
        // The kernel's default.
        "relatime": ([], true), "norelatime": ([], false),
    ]

    private mutating func takeAttribute(_ option: String) -> Bool {
        if let (attribute, on) = MountOptions.attributes[option] {
            MountOptions.change(attribute, on, &set, &clear)
            return true
        }
        // `rro` and its like; `rw` and `relatime` were found above.
        guard option.hasPrefix("r"), let (attribute, on) = MountOptions.attributes[String(option.dropFirst())] else {
            return false
        }
        MountOptions.change(attribute, on, &recursiveSet, &recursiveClear)
        return true
    }

    private static func change(
        _ attribute: MountAttributes, _ on: Bool, _ set: inout MountAttributes, _ clear: inout MountAttributes
    ) {
        // The last one wins.
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
