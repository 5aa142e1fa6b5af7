// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The group as one directory of the unified hierarchy.
package final class CgroupV2: Cgroup {
    package let path: String
    package let isForkedInto = true
    let root: String
    var directory: String { root + path }

    package init(path: String, root: String) {
        self.path = path
        self.root = root
    }

    package var directories: [(name: String, path: String)] {
        HostFile.exists(directory) ? [("", directory)] : []
    }

    package func make(around pid: Int32? = nil) throws(CgroupError) {
        if try HostFile.makeDirectory(directory, parentMayBeMissing: true) == .parentIsMissing {
            var current = root
            for name in path.split(separator: "/") {
                current += "/" + name
                try HostFile.makeDirectory(current, parentMayBeMissing: false)
            }
        }
        let old = try processes()
        guard old.isEmpty else { throw CgroupError("cgroup \(path) is in use by \(old.count) processes") }
    }

    /// Hands every controller the root has down to the group. What can't be is missed when a limit asks for it.
    func enableControllers() {
        guard let available = try? HostFile.read("\(root)/cgroup.controllers") else { return }
        let wanted = available.split(whereSeparator: \.isWhitespace).map { "+" + $0 }
        var current = root
        for name in path.split(separator: "/") {
            let file = "\(current)/cgroup.subtree_control"
            let enabled = Set((try? HostFile.read(file))?.split(whereSeparator: \.isWhitespace).map { "+" + $0 } ?? [])
            for controller in wanted where !enabled.contains(controller) { try? HostFile.write(controller, to: file) }
            current += "/" + name
        }
    }

    package func entrance(beside pid: Int32?, subgroups: [String]) throws(CgroupError) -> CgroupEntrance {
        let below = try Subgroups(subgroups).path(of: "")
        var directory = directory + below
        if below.isEmpty, let pid, let enabled = try? HostFile.read("\(directory)/cgroup.subtree_control"),
            enabled.count > 1,
            let line = try? HostFile.read("/proc/\(pid)/cgroup").split(separator: "\n").first(where: {
                $0.hasPrefix("0::" + path)
            })
        {
            directory = root + line.dropFirst(3)
        }
        let group = try cgroupStep { [directory] () throws(Errno) in
            try FileDescriptor.open(directory, Cgroups.directoryFlags)
        }
        return CgroupEntrance(directory: SharedDescriptor(group))
    }

    package func processes() throws(CgroupError) -> [Int32] { try HostFile.processes(below: directory) }

    package func setFrozen(_ frozen: Bool) throws(CgroupError) {
        try HostFile.write(frozen ? "1" : "0", to: "\(directory)/cgroup.freeze")
        for _ in 0..<2000 {
            if try isFrozen() == frozen { return }
            HostFile.sleep(milliseconds: 1)
        }
        if frozen { try HostFile.write("0", to: "\(directory)/cgroup.freeze") }
        throw CgroupError("\(path) did not \(frozen ? "freeze" : "thaw") within two seconds")
    }

    package func isFrozen() throws(CgroupError) -> Bool {
        guard HostFile.exists("\(directory)/cgroup.events") else { return false }
        return HostFile.number(after: "frozen ", in: try HostFile.read("\(directory)/cgroup.events")) == 1
    }

    package func kill(_ signal: Int32) throws(CgroupError) {
        // cgroup.kill came with Linux 5.14.
        let file = "\(directory)/cgroup.kill"
        if signal == 9, HostFile.exists(file) { return try HostFile.write("1", to: file) }
        for pid in try processes() { HostFile.signal(pid, signal) }
    }

    package func remove() throws(CgroupError) { try HostFile.removeTree(directory) }

    package func outOfMemoryKills() -> UInt64 {
        guard let text = try? HostFile.read("\(directory)/memory.events") else { return 0 }
        return HostFile.number(after: "oom_kill ", in: text)
    }

    package func memoryEvents() throws(CgroupError) -> MemoryEvents? {
        let file = "\(directory)/memory.events"
        guard HostFile.exists(file) else { return nil }
        return .file(try cgroupStep { () throws(Errno) in try FileDescriptor.open(file, HostFile.readOnly) })
    }
}
