// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// What a container's process has open as standard input, output and error: somebody else's, whom criu leaves out. Who
/// restores the container gives it his own instead.
struct CheckpointStreams {
    /// criu's name for each; empty: a file of the container's own, which criu restores by itself.
    let names: [String]
    let isTerminal: Bool
    /// `type[…]`, for `--external`.
    let external: [String]

    init(of pid: Int32, mounts: MountTable) throws(RuntimeError) {
        let own = Set(mounts.entries.map(\.id))
        var names: [String] = []
        var external: [String] = []
        for number in 0...2 {
            let path = "/proc/\(pid)/fd/\(number)"
            var status = stat()
            guard stat(path, &status) == 0 else {
                names.append("")
                continue
            }
            if status.st_mode & S_IFMT == S_IFCHR, CheckpointStreams.isTerminal(status.st_rdev) {
                names.append("tty[\(hex(status.st_rdev)):\(hex(status.st_dev))]")
            } else if [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT),
                let link = try? FileDescriptor.open("/proc/\(pid)/fd", O_RDONLY | O_DIRECTORY)
                    .readSymbolicLink("\(number)").description,
                link.hasPrefix("pipe:[") || link.hasPrefix("socket:[")
            {
                // Such a one has no name that the container could know it by.
                names.append(link)
                continue
            } else {
                let mount = try CheckpointStreams.mount(pid, number)
                names.append(own.contains(mount) ? "" : "file[\(hex(UInt64(mount))):\(hex(status.st_ino))]")
            }
            if let name = names.last, !name.isEmpty, !external.contains(name) { external.append(name) }
        }
        self.names = names
        self.external = external
        isTerminal = names.contains { $0.hasPrefix("tty[") }
    }

    /// A slave of devpts: /dev/console, /dev/tty and the like are files.
    private static func isTerminal(_ device: dev_t) -> Bool { (136...143).contains(major(device)) }

    private static func major(_ device: dev_t) -> dev_t { (device >> 8) & 0xfff | (device >> 32) & ~0xfff }

    private static func mount(_ pid: Int32, _ number: Int) throws(RuntimeError) -> Int32 {
        let text = try step("reading the streams") { () throws(Linux.Errno) in
            String(decoding: try HostPath.read("/proc/\(pid)/fdinfo/\(number)"), as: UTF8.self)
        }
        for line in text.split(separator: "\n") where line.hasPrefix("mnt_id:") {
            if let id = Int32(line.dropFirst(7).drop(while: \.isWhitespace)) { return id }
        }
        throw RuntimeError(.system, "/proc/\(pid)/fdinfo/\(number) has no mnt_id")
    }

    /// For `--inherit-fd`: which of the caller's streams is in place of each file of the checkpoint.
    static func inherited(_ names: [String]) -> [(stream: Int, name: String)] {
        var seen: Set<String> = []
        return names.enumerated().filter { !$1.isEmpty && seen.insert($1).inserted }.map { (stream: $0, name: $1) }
    }
}

private func hex(_ number: some BinaryInteger) -> String { String(number, radix: 16) }
