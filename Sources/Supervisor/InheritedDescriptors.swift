// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import Shim

/// The descriptors the launcher put at their numbers, close-on-exec from here on.
final class InheritedDescriptors {
    let listener: SharedDescriptor
    let executable: SharedDescriptor
    /// nil: the root file system is a directory the specification names.
    private var rootfs: SharedDescriptor?
    /// Held open until the container has exited; the specification names them by their numbers.
    private var namespaces: [SharedDescriptor] = []
    /// Detached mounts, by number.
    private var mounts: [Int32: SharedDescriptor] = [:]

    /// To be called before anything is opened. Throws EBADF when one that must be there is not.
    init() throws(Errno) {
        guard let listener = Self.take(ShimConfiguration.Inherited.listener),
            let executable = Self.take(ShimConfiguration.Inherited.executable)
        else { throw Errno(.badDescriptor, "shim", "descriptors 3 and 4 (it is started by wharfd, not by hand)") }
        self.listener = listener
        self.executable = executable
        rootfs = Self.take(ShimConfiguration.Inherited.rootfs)
        for number in [
            ShimConfiguration.Inherited.networkNamespace, ShimConfiguration.Inherited.pidNamespace,
            ShimConfiguration.Inherited.ipcNamespace,
        ] {
            if let namespace = Self.take(number) { namespaces.append(namespace) }
        }
        var number = ShimConfiguration.Inherited.firstMount
        while let mount = Self.take(number) {
            mounts[number] = mount
            number += 1
        }
    }

    /// The detached mounts by the places that they are for, once: nothing here holds them after that.
    func takeMounts(_ numbers: [String: Int32]?) throws(Errno) -> [String: SharedDescriptor] {
        defer { mounts = [:] }
        var result: [String: SharedDescriptor] = [:]
        for (place, number) in numbers ?? [:] {
            guard let mount = mounts[number] else { throw Errno(.badDescriptor, "shim", "the mount for \(place)") }
            result[place] = mount
        }
        return result
    }

    /// The detached mount, once: nothing here holds it after that.
    func takeRootfs() throws(Errno) -> FileDescriptor? {
        guard let rootfs else { return nil }
        self.rootfs = nil
        return try rootfs.descriptor.duplicate()
    }

    /// The container has exited.
    func release() {
        rootfs = nil
        namespaces = []
    }

    private static func take(_ number: Int32) -> SharedDescriptor? {
        guard fcntl(number, F_GETFD) >= 0 else { return nil }
        let descriptor = SharedDescriptor(FileDescriptor(owning: number))
        try? descriptor.descriptor.setCloseOnExec(true)
        return descriptor
    }
}
