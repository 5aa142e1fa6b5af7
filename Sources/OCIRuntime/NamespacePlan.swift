// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCI

/// Which namespaces are made and which are joined (config-linux.md#namespaces).
struct NamespacePlan {
    /// Made by clone3(2). The cgroup namespace is not among them: it must be made inside the container's cgroup.
    private(set) var made: Namespaces = []
    private(set) var makesCgroup = false
    /// By path; the pid namespace aside, which only a fork enters.
    private(set) var joined: [(kind: RuntimeSpec.Namespace.Kind, path: String)] = []
    private(set) var joinedPid: String?
    private var kinds: Set<RuntimeSpec.Namespace.Kind> = []

    init(_ namespaces: [RuntimeSpec.Namespace]) throws(RuntimeError) {
        for namespace in namespaces {
            guard kinds.insert(namespace.type).inserted else {
                throw RuntimeError(.invalid, "linux.namespaces has \(namespace.type.rawValue) twice")
            }
            switch (namespace.type, namespace.path) {
            case (.user, _), (.time, _):
                throw ContainerPlan.unsupported("linux.namespaces: \(namespace.type.rawValue)")
            case (.mount, .some): throw ContainerPlan.unsupported("linux.namespaces: mount with a path")
            case (.cgroup, nil): makesCgroup = true
            case (.pid, .some(let path)): joinedPid = path
            case (let kind, .some(let path)): joined.append((kind, path))
            case (let kind, nil): made.insert(Namespaces(kind))
            }
        }
        guard made.contains(.mount) else {
            throw RuntimeError(.unsupported, "a container without a mount namespace of its own is not supported")
        }
    }

    /// Whether the container has a namespace of this kind that is not the runtime's.
    func own(_ kind: RuntimeSpec.Namespace.Kind) -> Bool { kinds.contains(kind) }
}

extension Namespaces {
    init(_ kind: RuntimeSpec.Namespace.Kind) {
        switch kind {
        case .pid: self = .pid
        case .network: self = .network
        case .mount: self = .mount
        case .ipc: self = .ipc
        case .uts: self = .uts
        case .user: self = .user
        case .cgroup: self = .cgroup
        case .time: self = .time
        }
    }
}
