// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// What must be opened by the runtime itself, with its own rights, for a container that has not all of them.
enum Sources {
    /// By the mount's place in the specification: id-mapped mounts and, where the container has a user namespace, all
    /// that is bind-mounted.
    ///
    /// `privileged`: the runtime may mount without the container's user namespace.
    static func open(
        _ spec: RuntimeSpec, _ plan: ContainerPlan, bundle: String, privileged: Bool
    ) throws(RuntimeError) -> [Int: SharedDescriptor] {
        var result: [Int: SharedDescriptor] = [:]
        let opensAll = privileged && plan.namespaces.own(.user)
        guard opensAll || (spec.mounts ?? []).contains(where: \.mapsIDs) else { return result }
        for (index, mount) in (spec.mounts ?? []).enumerated() {
            let options = try MountOptions(mount.options ?? [])
            let mapping = try UserMapping(mount.uidMappings, mount.gidMappings, "mounts[\(index)]")
            let isMapped = mapping != nil || options.idMapping != nil
            guard mount.isBind(options) else {
                guard !isMapped else {
                    throw RuntimeError(
                        .invalid, "mounts[\(index)]: uidMappings, gidMappings, idmap and ridmap are for bind mounts")
                }
                continue
            }
            guard isMapped || opensAll else { continue }
            let tree = try Mounter.openSource(mount, options, bundle: bundle)
            if isMapped { try map(tree, index, mapping, options, plan) }
            result[index] = SharedDescriptor(tree)
        }
        return result
    }

    private static func map(
        _ tree: borrowing FileDescriptor, _ index: Int, _ mapping: UserMapping?, _ options: MountOptions,
        _ plan: ContainerPlan
    ) throws(RuntimeError) {
        let what = "mounts[\(index)]: mapping ids"
        let recursive = options.idMapping == .recursive
        if let mapping = mapping ?? plan.mapping {
            let namespace = try mapping.makeNamespace()
            return try step(what) { () throws(Linux.Errno) in try tree.mapIDs(of: namespace, recursive: recursive) }
        }
        guard let path = plan.namespaces.joinedUser else {
            throw RuntimeError(
                .invalid,
                "mounts[\(index)]: idmap needs uidMappings and gidMappings, of the mount or of the container's user namespace"
            )
        }
        try step(what) { () throws(Linux.Errno) in
            try tree.mapIDs(of: try FileDescriptor.open(path, O_RDONLY), recursive: recursive)
        }
    }
}

extension RuntimeSpec.Mount {
    fileprivate var mapsIDs: Bool {
        uidMappings != nil || gidMappings != nil || options?.contains { $0 == "idmap" || $0 == "ridmap" } == true
    }
}
