// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The group as one directory in each mounted cgroup v1 hierarchy.
///
/// A container enters the hierarchies that limit it by default or that its statistics come from. The others (cpuset,
/// net_cls, …) cost a migration each and are entered only when a limit of theirs is asked for; systemd's own
/// hierarchies only where systemd runs.
package final class CgroupV1: Cgroup {
    package let path: String
    package let isForkedInto = false
    let root: String

    private static let always = ["memory", "cpu", "cpuacct", "pids", "devices", "freezer", "blkio"]
    private static let onDemand = ["cpuset", "hugetlb", "net_cls", "net_prio", "rdma"]
    private static let systemd = ["systemd", "unified"]

    /// The hierarchies that `make` has made the group in; nil: which they are must be looked for, which costs a path's
    /// walk for each there could be (0.1 ms together).
    private var made: [String]?

    init(path: String, root: String) {
        self.path = path
        self.root = root
    }

    package var directories: [(name: String, path: String)] {
        if let made { return made.map { ($0, "\(root)/\($0)\(path)") } }
        return (CgroupV1.always + CgroupV1.onDemand + CgroupV1.systemd)
            .map { ($0, "\(root)/\($0)\(path)") }
            .filter { HostFile.isCgroup($0.1) }
    }

    package func make(around pid: Int32? = nil) throws(CgroupError) {
        var wanted = CgroupV1.always
        if HostFile.exists("/run/systemd/system") { wanted += CgroupV1.systemd }
        var names: [String] = []
        var isNew = true
        for controller in wanted where HostFile.isCgroup("\(root)/\(controller)") {
            if try makeDirectories(controller) == .before { isNew = false }
            names.append(controller)
        }
        if isNew {
            made = names
            return
        }
        let old = try processes()
        guard old.isEmpty else {
            throw CgroupError("cgroup \(path) is in use by \(old.count) processes")
        }
    }

    /// Makes the group in one hierarchy.
    func make(_ controller: String) throws(CgroupError) {
        guard HostFile.isCgroup("\(root)/\(controller)") else {
            throw CgroupError("the \(controller) cgroup controller is not available on this host")
        }
        try makeDirectories(controller)
        if made?.contains(controller) == false { made?.append(controller) }
    }

    /// Ancestors first; says what became of the last.
    @discardableResult
    private func makeDirectories(_ controller: String) throws(CgroupError) -> HostFile.Made {
        var directory = "\(root)/\(controller)"
        // The usual case: only the last directory is missing.
        if controller != "cpuset" {
            let made = try HostFile.makeDirectory(directory + path, parentMayBeMissing: true)
            if made != .parentIsMissing { return made }
        }
        var made = HostFile.Made.before
        for name in path.split(separator: "/") {
            let parent = directory
            directory += "/" + name
            made = try HostFile.makeDirectory(directory, parentMayBeMissing: false)
            guard controller == "cpuset" else { continue }
            // A new cpuset has no CPUs and no memory nodes, and takes no process until it does.
            for file in ["cpuset.cpus", "cpuset.mems"] {
                let own = try HostFile.read("\(directory)/\(file)")
                guard own.allSatisfy(\.isWhitespace) else { continue }
                try HostFile.write(HostFile.read("\(parent)/\(file)"), to: "\(directory)/\(file)")
            }
        }
        return made
    }

    /// Of a thread that moves itself by `tasks` the kernel takes no lock on all forks and exits.
    package func entrance(beside pid: Int32?, subgroups: [String]) throws(CgroupError) -> CgroupEntrance {
        var files: [SharedDescriptor] = []
        let below = try Subgroups(subgroups)
        for (name, own) in directories {
            let directory = own + below.path(of: name)
            let path = "\(directory)/\(name == "unified" ? "cgroup.procs" : "tasks")"
            let file = try cgroupStep { () throws(Errno) in try FileDescriptor.open(path, HostFile.writeOnly) }
            files.append(SharedDescriptor(file))
        }
        return CgroupEntrance(files: files)
    }

    /// The hierarchy whose processes are the container's: the first there is.
    private var main: String? {
        (["freezer", "pids", "devices", "memory"] + CgroupV1.always).lazy.map { "\(self.root)/\($0)\(self.path)" }
            .first { HostFile.exists($0) }
    }

    package func processes() throws(CgroupError) -> [Int32] {
        guard let main else { return [] }
        return try HostFile.processes(below: main)
    }

    package func setFrozen(_ frozen: Bool) throws(CgroupError) {
        let file = "\(root)/freezer\(path)/freezer.state"
        // Freezing a group that forks can stop half-way (FREEZING): the kernel goes on when asked again.
        for attempt in 0..<2000 {
            if attempt % 10 == 0 { try HostFile.write(frozen ? "FROZEN" : "THAWED", to: file) }
            if try HostFile.read(file).hasPrefix(frozen ? "FROZEN" : "THAWED") { return }
            HostFile.sleep(milliseconds: 1)
        }
        if frozen { try HostFile.write("THAWED", to: file) }
        throw CgroupError("\(path) did not \(frozen ? "freeze" : "thaw") within two seconds")
    }

    package func isFrozen() throws(CgroupError) -> Bool {
        let file = "\(root)/freezer\(path)/freezer.state"
        guard HostFile.exists(file) else { return false }
        return try !HostFile.read(file).hasPrefix("THAWED")
    }

    package func kill(_ signal: Int32) throws(CgroupError) {
        // Frozen processes can't fork away; a kill takes effect when they thaw.
        let freezer = HostFile.exists("\(root)/freezer\(path)")
        let wasFrozen = freezer ? try isFrozen() : false
        let froze = freezer && signal == 9 && !wasFrozen && (try? setFrozen(true)) != nil
        for pid in try processes() { HostFile.signal(pid, signal) }
        if froze || (wasFrozen && signal == 9) { try setFrozen(false) }
    }

    package func remove() throws(CgroupError) {
        for (_, directory) in directories { try HostFile.removeTree(directory) }
    }

    package func outOfMemoryKills() -> UInt64 {
        guard let text = try? HostFile.read("\(root)/memory\(path)/memory.oom_control") else { return 0 }
        return HostFile.number(after: "oom_kill ", in: text)
    }

    package func memoryEvents() throws(CgroupError) -> MemoryEvents? {
        let directory = "\(root)/memory\(path)"
        guard HostFile.exists(directory) else { return nil }
        let event = try cgroupStep { () throws(Errno) in try FileDescriptor.eventCounter() }
        let control = try cgroupStep { () throws(Errno) in
            try FileDescriptor.open("\(directory)/memory.oom_control", HostFile.readOnly)
        }
        try HostFile.write("\(event.rawValue) \(control.rawValue)", to: "\(directory)/cgroup.event_control")
        return .eventfd(event)
    }
}
