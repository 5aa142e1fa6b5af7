// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCI

/// Which namespaces are made and which are joined (config-linux.md#namespaces).
struct NamespacePlan {
    /// Made by clone3(2). The cgroup and time namespaces are not among them: the one must be made inside the
    /// container's cgroup, the other's clocks are set before anybody is in it.
    private(set) var made: Namespaces = []
    private(set) var makesCgroup = false
    private(set) var makesTime = false
    /// By path; but for the pid namespace, which only a fork enters, and the user namespace, which nobody leaves again.
    private(set) var joined: [(kind: RuntimeSpec.Namespace.Kind, path: String)] = []
    private(set) var joinedPid: String?
    private(set) var joinedUser: String?
    private var kinds: Namespaces = []

    init(_ namespaces: [RuntimeSpec.Namespace]) throws(RuntimeError) {
        for (index, namespace) in namespaces.enumerated() {
            guard kinds.insert(Namespaces(namespace.type)).inserted else {
                throw RuntimeError(.invalid, "linux.namespaces has \(namespace.type.rawValue) twice")
            }
            if let path = namespace.path, !path.hasPrefix("/") {
                throw RuntimeError(.invalid, "linux.namespaces[\(index)].path: \"\(path)\" must be an absolute path")
            }
            switch (namespace.type, namespace.path) {
            case (.cgroup, nil): makesCgroup = true
            case (.time, nil): makesTime = true
            case (.pid, .some(let path)): joinedPid = path
            case (.user, .some(let path)): joinedUser = path
            case (let kind, .some(let path)): joined.append((kind, path))
            case (let kind, nil): made.insert(Namespaces(kind))
            }
        }
        guard own(.mount) else {
            throw RuntimeError(
                .unsupported, "linux.namespaces must have mount: a container without a mount namespace is not supported"
            )
        }
    }

    /// Whether the container has a namespace of this kind that is not the runtime's.
    func own(_ kind: RuntimeSpec.Namespace.Kind) -> Bool { kinds.contains(Namespaces(kind)) }

    /// Whether a process of its own has to go ahead: see `Stage`. `timeIsLate`: the child makes the time namespace.
    func needsStage(timeIsLate: Bool) -> Bool {
        joinedUser != nil || (makesTime && !timeIsLate)
            || (made.contains(.user) && !(joined.isEmpty && joinedPid == nil))
    }

    /// Those that a process of a running container enters.
    var entered: Namespaces {
        // Where the container has the runtime's, this process might have another; in a user namespace nobody can enter
        // what is the host's.
        var result: Namespaces = own(.user) ? [] : [.mount, .ipc, .uts, .network, .cgroup]
        result.formUnion(kinds.subtracting([.user, .pid]))
        return result
    }
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
