// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux

/// The sources of another runtime's shared binds: what the container mounts there is to reach the machine.
///
/// A copy of a shared mount is its peer, in whatever namespace it is attached. So they are copied BEFORE the shim's own
/// namespace becomes a slave of the machine's, and attached in it AFTERWARDS, where the runtime finds them.
struct SharedBinds {
    private struct Source {
        /// In the list of mounts.
        let index: Int
        let mount: SharedDescriptor
        let isDirectory: Bool
    }

    private var sources: [Source] = []
    private let path: String
    private var isMade = false

    /// - Parameter path: The directory to attach them in, which is made if there are any.
    init(of mounts: [JSONValue], at path: String) throws(Errno) {
        self.path = path
        for (index, mount) in mounts.enumerated() {
            let options = (mount["options"]?.array ?? []).compactMap(\.string)
            let isBind = options.contains("bind") || options.contains("rbind")
            guard isBind, options.contains("shared") || options.contains("rshared"),
                let source = mount["source"]?.string, source.hasPrefix("/")
            else { continue }
            let copy = try FileDescriptor.cloneMount(source, recursive: options.contains("rbind"))
            let isDirectory = try copy.status().isDirectory
            sources.append(Source(index: index, mount: SharedDescriptor(copy), isDirectory: isDirectory))
        }
    }

    /// Attaches them, and names the places in `mounts`.
    mutating func attach(to mounts: inout [JSONValue]) throws {
        guard !sources.isEmpty else { return }
        guard mkdir(path, 0o700) == 0 else { throw Errno.last("mkdir", path) }
        isMade = true
        for source in sources {
            let place = place(source)
            if source.isDirectory {
                guard mkdir(place, 0o700) == 0 else { throw Errno.last("mkdir", place) }
            } else {
                try ExternalContainer.write([], to: place)
            }
            try source.mount.descriptor.attachMount(onHostPath: place)
            var object = mounts[source.index].object ?? [:]
            object["source"] = .string(place)
            mounts[source.index] = .object(object)
        }
    }

    private func place(_ source: Source) -> String { "\(path)/\(source.index)" }

    func unmount() {
        guard isMade else { return }
        for source in sources { _ = umount2(place(source), 2) }
    }
}
