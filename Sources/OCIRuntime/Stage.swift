// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// A short-lived process between the runtime and its child, for namespaces that the runtime itself could not leave
/// again: it enters them, makes the child as its own sibling (so that the runtime is the child's parent), and ends.
enum Stage {
    /// `enter` runs in the stage, `child` in the child and does not come back.
    static func fork(
        namespaces: Namespaces, into group: SharedDescriptor?, enter: () throws(RuntimeError) -> Void,
        child: () -> Void
    ) throws(RuntimeError) -> Child {
        let link = try Link()
        let result = try step("forking") { () throws(Linux.Errno) in try forkChild() }
        switch consume result {
        case .child:
            run(link, namespaces, group, enter, child)
            exitNow(0)
        case .parent(_, let pidfd):
            _ = try link.takeTheirs()
            defer { _ = try? pidfd.waitForProcess() }
            let packet = try link.receive()
            guard var packet else {
                throw RuntimeError(.system, "the process that makes the namespaces ended early")
            }
            guard packet.bytes.first == Report.forked.rawValue, let process = packet.descriptor.take() else {
                throw RuntimeError(report: packet.bytes)
            }
            let pid = packet.bytes.dropFirst().reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
            return Child(StartedProcess(pid: pid, pidfd: process))
        }
    }

    private static func run(
        _ link: Link, _ namespaces: Namespaces, _ group: SharedDescriptor?, _ enter: () throws(RuntimeError) -> Void,
        _ child: () -> Void
    ) {
        guard let runtime = try? link.takeTheirs() else { return }
        link.closeOurs()
        do throws(RuntimeError) {
            try step("forking") { () throws(Linux.Errno) in
                try CurrentProcess.setParentDeathSignal(SIGKILL)
            }
            try enter()
            let result = try step("making namespaces") { () throws(Linux.Errno) in
                try forkChild(namespaces: namespaces, cgroup: group, asSibling: true)
            }
            switch consume result {
            case .child:
                // The child has a conversation of its own.
                try? runtime.close()
                child()
                exitNow(1)
            case .parent(let pid, let pidfd):
                let bytes = (0..<4).map { UInt8(truncatingIfNeeded: pid >> ($0 * 8)) }
                try step("telling the runtime") { () throws(Linux.Errno) in
                    try runtime.sendPacket([Report.forked.rawValue] + bytes, descriptor: pidfd)
                }
            }
        } catch {
            runtime.report(error)
        }
    }
}

/// Namespaces to enter, opened: first with the rights the caller has now, then with those that entering the user
/// namespace gives.
struct NamespaceEntry {
    private let user: SharedDescriptor?
    private let others: [(kind: Namespaces, descriptor: SharedDescriptor)]

    /// Opens what `plan` joins. The pid namespace is entered by who forks.
    init(_ plan: NamespacePlan) throws(RuntimeError) {
        user = try plan.joinedUser.map(NamespaceEntry.open)
        others = try plan.joined.map { (kind, path) throws(RuntimeError) in
            (Namespaces(kind), try NamespaceEntry.open(path))
        }
    }

    private static func open(_ path: String) throws(RuntimeError) -> SharedDescriptor {
        try step("opening namespace \(path)") { () throws(Linux.Errno) in
            SharedDescriptor(try FileDescriptor.open(path, O_RDONLY))
        }
    }

    /// `pid`: the path of a pid namespace for children, too.
    func enter(pid: String? = nil) throws(RuntimeError) {
        var others = others
        if let pid { others.append((.pid, try NamespaceEntry.open(pid))) }
        let user = user.map { (kind: Namespaces.user, descriptor: $0) }
        // The kind is said, so that a path of another is an error.
        try NamespaceEntry.enter(others, user: user) { (namespace) throws(Linux.Errno) in
            try namespace.descriptor.descriptor.enterNamespaces(namespace.kind)
        }
    }

    /// Enters those of a running container's process. A pid namespace is only for children.
    static func enter(_ kinds: Namespaces, of process: SharedDescriptor) throws(RuntimeError) {
        let each = [Namespaces.network, .ipc, .uts, .cgroup, .time, .pid, .mount].filter { kinds.contains($0) }
        try enter(each, user: kinds.contains(.user) ? Namespaces.user : nil) { (kind) throws(Linux.Errno) in
            try process.descriptor.enterNamespaces(kind)
        }
    }

    private static func enter<Namespace>(
        _ others: [Namespace], user: Namespace?, _ enter: (Namespace) throws(Linux.Errno) -> Void
    ) throws(RuntimeError) {
        var refused: [Namespace] = []
        for namespace in others {
            do throws(Linux.Errno) { try enter(namespace) } catch {
                guard user != nil, error.code == .notPermitted else {
                    throw RuntimeError(error, at: "joining namespaces")
                }
                refused.append(namespace)
            }
        }
        try step("joining namespaces") { () throws(Linux.Errno) in
            if let user { try enter(user) }
            for namespace in refused { try enter(namespace) }
        }
    }
}

/// `linux.timeOffsets`.
enum TimeOffsets {
    /// Makes a time namespace for what the calling process forks (or executes, from Linux 6.1 on).
    static func make(_ offsets: [String: String]) throws(RuntimeError) {
        try step("making the time namespace") { () throws(Linux.Errno) in try unshare(.time) }
        guard !offsets.isEmpty else { return }
        try step("setting linux.timeOffsets") { () throws(Linux.Errno) in
            let text = offsets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
            try FileDescriptor.open("/proc/self/timens_offsets", O_WRONLY).writeOnce(text, "timens_offsets")
        }
    }
}
