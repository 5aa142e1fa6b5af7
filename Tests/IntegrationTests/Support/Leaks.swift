// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Everything that a container can leave behind, looked for where this engine puts it (docs/decisions/0004).
extension TestEngine {
    func allLeaks(descriptorsBefore: [String: Int]) -> [String] {
        var found: [String] = []
        found += mounts().map { "mount at \($0)" }
        found += networkObjects().subtracting(network).sorted()
        found += cgroups().filter { !$0.hasSuffix(cgroupParent) }.map { "cgroup \($0)" }
        found += processes().filter { $0.pid != daemon?.pid && !$0.isHelper }
            .map { "process \($0.pid): \($0.command) (\($0.why))" }
        for folder in [dataRoot + "/containers", execRoot + "/containers", execRoot + "/netns"] {
            found += list(folder).map { "file \(folder)/\($0)" }
        }
        for (kind, count) in descriptors() {
            // The connection to netd, and the reactor's copy of it, come with the first published port.
            let later = kind == "socket" && !isWarm ? 2 : Self.madeAtFirstUse[kind, default: 0]
            guard count > descriptorsBefore[kind, default: 0] + later else { continue }
            found.append("the daemon's descriptors: \(count) of \(kind), were \(descriptorsBefore[kind, default: 0])")
        }
        return found
    }

    /// What is opened once and kept: libdispatch's event loop and a timer for each clock, when the first task sleeps;
    /// the database's log and its index.
    static let madeAtFirstUse = [
        "anon_inode:[eventpoll]": 1, "anon_inode:[eventfd]": 1, "anon_inode:[timerfd]": 3, "database": 3, "output": 2,
    ]

    /// Mount points that lie in this engine's folder, or whose file system does.
    func mounts() -> [String] {
        (readText("/proc/self/mountinfo") ?? "").linesOfText.filter { $0.contains(folder + "/") }.map { $0.fields[4] }
    }

    /// The links of the engine's network namespace, and its rules without their counters.
    func networkObjects() -> Set<String> {
        let links = (try? run(inNamespace(["ip", "-o", "link"])).stdout) ?? ""
        let rules = (try? run(inNamespace(["nft", "-s", "list", "ruleset"])).stdout) ?? ""
        var found: Set<String> = []
        for line in links.linesOfText {
            let fields = line.fields
            if fields.count > 1 { found.insert("link \(fields[1].prefix { $0 != "@" && $0 != ":" })") }
        }
        for (number, line) in rules.linesOfText.enumerated() where !line.trimmed.isEmpty {
            // Elements of a set are on lines of their own; the number keeps equal lines of two chains apart
            found.insert("rule \(line.contains("elements") ? "" : "\(number / 1000)")\(line.trimmed)")
        }
        return found
    }

    /// The folders of the engine's cgroup parent and below it, in every hierarchy.
    func cgroups() -> [String] {
        var roots = ["/sys/fs/cgroup"]
        roots += list("/sys/fs/cgroup").map { "/sys/fs/cgroup/" + $0 }.filter(isFolder)
        return roots.map { $0 + cgroupParent }.filter(isFolder).flatMap(tree)
    }

    private func tree(_ path: String) -> [String] {
        [path] + list(path).map { path + "/" + $0 }.filter(isFolder).flatMap(tree)
    }

    struct Found {
        var pid: pid_t
        var command: String
        var why: String
        /// netd lives as long as its daemon, and longer.
        var isHelper: Bool { command.contains(" netd") }
    }

    /// Processes that lead to this engine by their arguments, environment, cgroup, network or open files.
    func processes() -> [Found] {
        let home = linkTarget("/proc/self/ns/net")
        let ours = namespaceIdentity()
        return list("/proc").compactMap { pid_t($0) }.filter { $0 != getpid() && $0 != 1 }.compactMap { pid in
            let base = "/proc/\(pid)/"
            guard let raw = readFile(base + "cmdline"), let state = readText(base + "stat") else { return nil }
            // A zombie is gone but for its parent's wait
            if state.drop(while: { $0 != ")" }).dropFirst(2).first == "Z" { return nil }
            let command = String(decoding: raw.map { $0 == 0 ? 32 : $0 }, as: UTF8.self).trimmed
            func found(_ why: String) -> Found { Found(pid: pid, command: command, why: why) }
            if command.contains(folder + "/") { return found("arguments") }
            if let text = readText(base + "environ"), text.contains("WHARF_TEST=\(name)\0") {
                return found("environment")
            }
            if (readText(base + "cgroup") ?? "").contains(cgroupParent) { return found("cgroup") }
            let network = linkTarget(base + "ns/net")
            if network != home, let network, network == ours { return found("network namespace") }
            for fd in list(base + "fd") {
                if let target = linkTarget(base + "fd/" + fd), target.hasPrefix(folder + "/") {
                    return found("open: \(target)")
                }
            }
            return nil
        }
    }

    private func namespaceIdentity() -> String? {
        var status = stat()
        return stat(namespace, &status) == 0 ? "net:[\(status.st_ino)]" : nil
    }

    /// The daemon's open descriptors by kind. Client connections that are being closed settle within the wait.
    func descriptors() -> [String: Int] {
        guard let daemon else { return [:] }
        let base = "/proc/\(daemon.pid)/fd/"
        return Dictionary(
            list(base).compactMap { linkTarget(base + $0) }.map(kind).map { ($0, 1) }, uniquingKeysWith: +)
    }

    private func kind(_ target: String) -> String {
        if target.hasPrefix(dataRoot + "/wharf.db") { return "database" }
        // Its output, which the fixture keeps in files
        if target.hasPrefix("/tmp/wc") { return "output" }
        if let colon = target.firstIndex(of: ":"), !target.hasPrefix("/") {
            let type = target[..<colon]
            return type == "anon_inode" ? target : String(type)
        }
        return target
    }
}
