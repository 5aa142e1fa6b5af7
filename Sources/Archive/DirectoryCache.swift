// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Descriptors of the directories that were used last, by path below the top one.
final class DirectoryCache {
    private static let capacity = 128

    private let root: SharedDescriptor
    private var known: [RawPath: SharedDescriptor] = [:]
    private var last: (path: RawPath, directory: SharedDescriptor)
    /// Told of each directory that `open` had to make.
    var onImplied: (RawPath) -> Void = { _ in }

    init(_ root: borrowing FileDescriptor) throws {
        self.root = SharedDescriptor(try root.openInRoot(".", O_PATH | O_DIRECTORY))
        last = (.here, self.root)
    }

    /// The directory `path`; it is made, with its parents, if it is missing.
    func open(_ path: RawPath) throws -> SharedDescriptor {
        if path == last.path { return last.directory }
        let directory = try known[path] ?? find(path)
        last = (path, directory)
        return directory
    }

    /// The directory `path`, which must exist.
    func existing(_ path: RawPath) throws(Errno) -> SharedDescriptor {
        if path == last.path { return last.directory }
        if let directory = known[path] { return directory }
        return keep(path, try lookUp(path))
    }

    /// To be called when a directory or a link was removed: paths may lead elsewhere now.
    func forget() {
        known.removeAll(keepingCapacity: true)
        last = (.here, root)
    }

    private func find(_ path: RawPath) throws -> SharedDescriptor {
        do throws(Errno) { return keep(path, try lookUp(path)) } catch {
            guard error.code == .noEntry, !path.isEmpty else { throw error }
        }
        // A dangling link on the way is found here too, and is refused by mkdirat (EEXIST).
        let components = path.components
        let parent = try open(RawPath(components: components.dropLast()))
        let name = components[components.count - 1]
        try parent.descriptor.makeDirectory(name, mode: 0o755)
        try parent.descriptor.setMode(name, 0o755)
        onImplied(path)
        return keep(path, try lookUp(path))
    }

    /// The top directory's own path is empty, which is none to the kernel.
    private func lookUp(_ path: RawPath) throws(Errno) -> FileDescriptor {
        try root.descriptor.openInRoot(path.isEmpty ? RawPath(".") : path, O_PATH | O_DIRECTORY)
    }

    private func keep(_ path: RawPath, _ directory: consuming FileDescriptor) -> SharedDescriptor {
        if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
        let shared = SharedDescriptor(directory)
        known[path] = shared
        return shared
    }
}
