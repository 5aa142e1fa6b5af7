// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// What the suite does to its own surroundings: namespaces of its own, so that nothing it or a runtime does is seen by
/// the machine's others.
enum Host {
    /// The parent of every container's cgroup.
    static let cgroupParent = "/runtime-conformance-\(getpid())"

    /// Leaves the machine's mount and network namespaces. `/` is shared from there on, as systemd has it.
    ///
    /// - Parameter onlyV1: hides the empty cgroup v2 hierarchy of a hybrid layout, which crun refuses.
    static func enterOwnNamespaces(onlyV1: Bool) throws {
        try unshare([.mount, .network])
        try setPropagation(.private, ofHostPath: "/")
        try setPropagation(.shared, ofHostPath: "/")
        // Hidden, not unmounted: crun makes its directories there all the same.
        if onlyV1, isHybrid, mount("none", "/sys/fs/cgroup/unified", "tmpfs", 0, nil) != 0 {
            throw Trouble("mount /sys/fs/cgroup/unified: \(String(cString: strerror(errno)))")
        }
    }

    /// Of a clock that only goes forward.
    static var milliseconds: Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    static var hasOnlyV2: Bool { File.exists("/sys/fs/cgroup/cgroup.controllers") }
    static var isHybrid: Bool { File.exists("/sys/fs/cgroup/unified/cgroup.controllers") }

    static func hasController(_ name: String) -> Bool {
        hasOnlyV2
            ? (File.readIfThere("/sys/fs/cgroup/cgroup.controllers") ?? "").words.contains(name)
            : File.exists("/sys/fs/cgroup/\(name)/cgroup.procs")
    }

    /// The directories of a cgroup, one in each hierarchy that has it.
    static func directories(ofCgroup path: String) -> [String] {
        let roots =
            hasOnlyV2
            ? ["/sys/fs/cgroup"]
            : names(in: "/sys/fs/cgroup").filter { $0 != "unified" || isHybrid }.map { "/sys/fs/cgroup/\($0)" }
        return roots.map { $0 + path }.filter(File.exists)
    }

    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { found.append(name) }
        }
        return found.sorted()
    }

    /// Removes the parent's directories, with what a runtime may have left in them.
    static func removeCgroups() {
        for directory in directories(ofCgroup: cgroupParent) { removeTree(directory) }
    }

    private static func removeTree(_ directory: String) {
        for name in names(in: directory) where isDirectory("\(directory)/\(name)") {
            removeTree("\(directory)/\(name)")
        }
        _ = rmdir(directory)
    }

    /// What must be the same before a case and after it.
    static func snapshot() throws -> [String] {
        let cgroups = directories(ofCgroup: cgroupParent).flatMap { parent in
            names(in: parent).map { "\(parent)/\($0)" }.filter { isDirectory($0) }
        }
        return try File.read("/proc/self/mountinfo").lines.map { "mount \($0)" } + cgroups.map { "cgroup \($0)" }
    }

    private static func isDirectory(_ path: String) -> Bool { File.exists("\(path)/cgroup.procs") }
}
