// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension FileDescriptor {
    /// Mounts a file system with mount(2), detached: for kernels where fsconfig(2) can't take all of its options, since
    /// that allows 255 bytes for each. mount(2) allows a page for all of them together.
    ///
    /// A thread with a mount namespace of its own mounts it on `place`, any directory, and clones the mount off; the
    /// namespace ends with the thread, so that nobody else ever sees it there. `options` is called with a short name
    /// for each of `directories`: that of a descriptor opened in there, since a mount takes no directory of another
    /// namespace.
    package static func mountPrivately(
        _ type: String, on place: String, _ attributes: MountAttributes, directories: [String],
        options: @escaping @Sendable ([String]) -> String
    ) throws(Errno) -> FileDescriptor {
        let answers = HandOff<Result<Int32, Errno>>(capacity: 1)
        try PlainThread.start(name: "mount") {
            let result = Result { () throws(Errno) in try mountHere(type, place, directories, options) }
            _ = answers.push(result)
        }
        guard let answer = answers.pop() else { throw Errno(.init(rawValue: ECANCELED), "mount", type) }
        let mount = FileDescriptor(owning: try answer.get())
        if !attributes.isEmpty { try mount.setMount(set: attributes) }
        return mount
    }

    /// What is at `path` in this detached mount, as a detached mount of its own: with any kernel, as one of Linux
    /// before 6.15 clones no part of what is attached nowhere. `place`: any directory. No symbolic link leads out of
    /// the mount.
    package consuming func subtree(_ path: String, place: String) throws(Errno) -> FileDescriptor {
        let whole = SharedDescriptor(self)
        let answers = HandOff<Result<Int32, Errno>>(capacity: 1)
        try PlainThread.start(name: "mount") {
            let result = Result { () throws(Errno) -> Int32 in
                try unshare(.mount)
                // BEFORE the mount: it must not travel back to where the namespace was copied from.
                try setPropagation(.slave, ofHostPath: "/")
                try whole.descriptor.attachMount(onHostPath: place)
                let root = try FileDescriptor.open(place, O_PATH | O_DIRECTORY)
                return try root.openInRoot(path, O_PATH).cloneMount(recursive: false).release()
            }
            _ = answers.push(result)
        }
        guard let answer = answers.pop() else { throw Errno(.init(rawValue: ECANCELED), "open_tree", path) }
        return FileDescriptor(owning: try answer.get())
    }

    /// Returns the descriptor of the detached mount. Leaves the calling thread in a mount namespace that has to end.
    private static func mountHere(
        _ type: String, _ place: String, _ directories: [String], _ options: ([String]) -> String
    ) throws(Errno) -> Int32 {
        try unshare(.mount)
        // BEFORE the mount: it must not travel back to where the namespace was copied from.
        try setPropagation(.slave, ofHostPath: "/")
        var held: [SharedDescriptor] = []
        for directory in directories {
            held.append(SharedDescriptor(try FileDescriptor.open(directory, O_PATH | O_DIRECTORY)))
        }
        let text = options(held.map { "/proc/self/fd/\($0.rawValue)" })
        guard text.utf8.count < 4096 else {
            throw Errno(.init(rawValue: E2BIG), "mount", "\(type): the options take \(text.utf8.count) bytes")
        }
        let result = withExtendedLifetime(held) { mount(type, place, type, 0, text) }
        guard result == 0 else { throw .last("mount", "\(type) on \(place)") }
        let clone = wharf_open_tree(AT_FDCWD, place, 1 | UInt32(O_CLOEXEC))
        guard clone >= 0 else { throw .last("open_tree", type) }
        return clone
    }
}
