// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import OCI
import Testing

/// A container of a test's own: a root file system of busybox-static, a config.json, a state directory and a cgroup;
/// and what the test says to `wharf-runtime` about it. All of it is gone with the value.
final class TestBundle {
    let path: String
    let id: String
    var spec: RuntimeSpec

    static let program = "\(currentDirectory())/.build/release/wharf-runtime"
    static let dockerCapabilities = [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
        "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    ].map { "CAP_" + $0 }

    init(_ arguments: String...) throws {
        var template = Array("/tmp/wharf-rt-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
        id = "t" + path.suffix(6)
        spec = TestBundle.specification(arguments, cgroup: "/wharf-test/\(id)")
        let applets =
            "sh true cat id ls sleep echo mount readlink head env kill tty touch mkdir hostname grep dd ps wc tail mknod"
        try shell(
            """
            cd \(path) && echo \(getpid()) > owner && mkdir -p rootfs/bin rootfs/etc rootfs/tmp state && cp /bin/busybox rootfs/bin/ &&
            for a in \(applets); do ln -s busybox rootfs/bin/$a; done; echo root:x:0:0::/: > rootfs/etc/passwd
            """)
    }

    deinit {
        _ = try? runtime("delete --force \(id)")
        _ = try? shell(
            "rm -rf \(path); for h in /sys/fs/cgroup /sys/fs/cgroup/*; do rmdir $h/wharf-test 2>/dev/null; done; true")
    }

    /// As Docker's are, without a network's names.
    private static func specification(_ arguments: [String], cgroup: String) -> RuntimeSpec {
        var spec = RuntimeSpec()
        var process = RuntimeSpec.Process(args: arguments)
        process.env = ["PATH=/usr/bin:/bin"]
        process.capabilities = .init(
            bounding: dockerCapabilities, effective: dockerCapabilities, permitted: dockerCapabilities)
        spec.process = process
        spec.root = .init(path: "rootfs")
        spec.hostname = "box"
        let strict = ["nosuid", "noexec", "nodev"]
        spec.mounts = [
            .init(destination: "/proc", type: "proc", source: "proc", options: strict),
            .init(destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755"]),
            .init(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            .init(destination: "/sys", type: "sysfs", source: "sysfs", options: strict + ["ro"]),
            .init(destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: strict + ["ro"]),
            .init(destination: "/dev/shm", type: "tmpfs", source: "shm", options: strict + ["mode=1777"]),
        ]
        var linux = RuntimeSpec.Linux()
        linux.namespaces = [.mount, .network, .uts, .pid, .ipc, .cgroup].map { .init($0) }
        linux.cgroupsPath = cgroup
        var resources = RuntimeSpec.Resources()
        resources.devices = [
            .init(allow: false, access: "rwm"), .init(allow: true, type: "c", access: "m"),
            .init(allow: true, type: "c", major: 1, minor: 3, access: "rwm"),
            .init(allow: true, type: "c", major: 1, minor: 5, access: "rwm"),
            .init(allow: true, type: "c", major: 5, minor: 2, access: "rwm"),
            .init(allow: true, type: "c", major: 136, access: "rwm"),
        ]
        linux.resources = resources
        linux.maskedPaths = ["/proc/keys", "/proc/timer_list", "/proc/acpi", "/sys/firmware", "/proc/not-there"]
        linux.readonlyPaths = ["/proc/bus", "/proc/sys", "/proc/sysrq-trigger"]
        spec.linux = linux
        return spec
    }

    /// Runs `wharf-runtime` on this test's state directory.
    @discardableResult
    func runtime(_ command: String) throws -> Outcome {
        try shell("\(TestBundle.program) --root \(path)/state \(command)", mayFail: true)
    }

    /// `run`, in the foreground.
    func run(_ flags: String = "") throws -> Outcome {
        try writeConfiguration()
        return try runtime("run \(flags) -b \(path) \(id) </dev/null")
    }

    /// The same in a mount namespace of its own, which is shared, after `setup` has mounted what the test needs;
    /// `check` runs there afterwards.
    func run(after setup: String, check: String = "true") throws -> Outcome {
        try writeConfiguration()
        let run = "\(TestBundle.program) --root \(path)/state run -b \(path) \(id) </dev/null"
        return try shell(
            "unshare -m --propagation private sh -c 'mount --make-rshared / && cd \(path) && \(setup) && \(run); \(check)'",
            mayFail: true)
    }

    /// Adds a mount.
    func mount(_ source: String, _ destination: String, _ options: String, type: String = "bind") {
        spec.mounts?.append(
            .init(
                destination: destination, type: type, source: source,
                options: options.split(separator: " ").map(String.init)))
    }

    /// `create` and `start`. What the container writes goes to the file `out`.
    func start() throws {
        try writeConfiguration()
        let created = try runtime("create -b \(path) \(id) </dev/null >\(path)/out 2>&1")
        guard created.status == 0 else { throw Failure(text: "create: \(try shell("cat \(path)/out").output)") }
        let started = try runtime("start \(id)")
        guard started.status == 0 else { throw Failure(text: "start: \(started.output)") }
    }

    func exec(_ command: String) throws -> Outcome { try runtime("exec \(id) \(command) </dev/null") }

    func writeConfiguration() throws { try write(JSON.encode(spec)) }

    /// A config.json of these bytes.
    func write(_ bytes: [UInt8]) throws {
        let file = open("\(path)/config.json", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Failure(text: "writing config.json") }
    }

    /// The status that `state` tells; empty when there is no container.
    func status() throws -> String {
        let state = try runtime("state \(id)")
        guard state.status == 0, case .object(let object) = try JSON.parse(Array(state.output.utf8)),
            case .string(let status)? = object["status"]
        else { return "" }
        return status
    }
}

struct Outcome {
    var status: Int32
    /// Standard output and error.
    var output: String
}

struct Failure: Error { var text: String }

/// Runs a shell command; one that fails throws unless it may.
@discardableResult
func shell(_ command: String, mayFail: Bool = false) throws -> Outcome {
    guard let stream = popen("{ \(command)\n} 2>&1", "re") else { throw Failure(text: "popen") }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = fread(&buffer, 1, buffer.count, stream)
        if count == 0 { break }
        output += buffer[..<count]
    }
    let status = pclose(stream)
    let outcome = Outcome(
        status: status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f),
        output: String(decoding: output, as: UTF8.self))
    guard mayFail || outcome.status == 0 else { throw Failure(text: "\(command): \(outcome.output)") }
    return outcome
}

private func currentDirectory() -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    guard getcwd(&buffer, buffer.count) != nil else { return "." }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Polls for up to five seconds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<500 {
        if try condition() { return true }
        usleep(10_000)
    }
    return false
}
