// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCI
internal import OCIRuntime

/// `spec`: writes a config.json to start from.
enum Spec {
    static let command = Command(
        "spec", "", "write a config.json to start from",
        flags: [
            .init(name: "bundle", short: "b", about: "the directory to write it to; the current one unless given"),
            .init(name: "rootless", takesValue: false, about: "for a container that an ordinary user runs"),
        ], run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        guard options.arguments.isEmpty else { throw RuntimeError(.invalid, "spec: takes no arguments") }
        let path = "\(options["bundle"] ?? ".")/config.json"
        var spec = template()
        if options.isOn("rootless") { makeRootless(&spec) }
        do {
            let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
            try file.writeAll(JSON.value(spec).serialized(indent: "\t") + [0x0a])
        } catch let error as Linux.Errno where error.code == .exists {
            throw RuntimeError(.invalid, "File config.json exists. Remove it first")
        } catch {
            throw RuntimeError(.system, "\(error)")
        }
        return 0
    }

    private static func template() -> RuntimeSpec {
        var spec = RuntimeSpec(ociVersion: Features.version)
        var process = RuntimeSpec.Process(args: ["sh"])
        process.terminal = true
        process.user = .init()
        process.env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"]
        let capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
        process.capabilities = .init(bounding: capabilities, effective: capabilities, permitted: capabilities)
        process.rlimits = [.init(type: "RLIMIT_NOFILE", hard: 1024, soft: 1024)]
        process.noNewPrivileges = true
        spec.process = process
        spec.root = .init(path: "rootfs", readonly: true)
        spec.hostname = "wharf"
        let strict = ["nosuid", "noexec", "nodev"]
        spec.mounts = [
            .init(destination: "/proc", type: "proc", source: "proc"),
            .init(
                destination: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            .init(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            .init(
                destination: "/dev/shm", type: "tmpfs", source: "shm", options: strict + ["mode=1777", "size=65536k"]),
            .init(destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: strict),
            .init(destination: "/sys", type: "sysfs", source: "sysfs", options: strict + ["ro"]),
            .init(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: strict + ["relatime", "ro"]),
        ]
        var linux = RuntimeSpec.Linux()
        var resources = RuntimeSpec.Resources()
        resources.devices = [.init(allow: false, access: "rwm")]
        linux.resources = resources
        linux.namespaces = [.pid, .network, .ipc, .uts, .mount, .cgroup].map { .init($0) }
        linux.maskedPaths = [
            "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
            "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
        ]
        linux.readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
        spec.linux = linux
        return spec
    }

    /// A user namespace in which the caller is root, the host's network, and no limits.
    private static func makeRootless(_ spec: inout RuntimeSpec) {
        spec.linux?.namespaces = [.pid, .ipc, .uts, .mount, .cgroup, .user].map { .init($0) }
        spec.linux?.uidMappings = [.init(containerID: 0, hostID: geteuid(), size: 1)]
        spec.linux?.gidMappings = [.init(containerID: 0, hostID: getegid(), size: 1)]
        spec.linux?.resources = nil
        // One group is mapped; sysfs needs a network namespace of one's own.
        for index in (spec.mounts ?? []).indices {
            spec.mounts?[index].options?.removeAll { $0 == "gid=5" }
            guard spec.mounts?[index].destination == "/sys" else { continue }
            spec.mounts?[index] = .init(
                destination: "/sys", type: "none", source: "/sys",
                options: ["rbind", "nosuid", "noexec", "nodev", "ro"])
        }
    }
}
