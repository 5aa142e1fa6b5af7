// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Linux

extension Box {
    /// A root file system of busybox-static. Without a program's help: a program for each link is most of a case's time
    /// where the processor is emulated.
    static func makeRoot(in directory: String) throws {
        for name in ["state", "rootfs"] + ["bin", "etc", "tmp", "root"].map({ "rootfs/\($0)" }) {
            guard mkdir("\(directory)/\(name)", 0o755) == 0 else { throw Trouble("mkdir \(name)") }
        }
        guard let busybox = ["/bin/busybox", "/usr/bin/busybox"].first(where: File.exists) else {
            throw Trouble("there is no busybox")
        }
        let program = try FileDescriptor.open(busybox, O_RDONLY).readAll(limit: 16 << 20)
        try File.write(program, to: "\(directory)/rootfs/bin/busybox", mode: 0o755)
        for applet in applets {
            guard symlink("busybox", "\(directory)/rootfs/bin/\(applet)") == 0 else {
                throw Trouble("symlink \(applet)")
            }
        }
        chmod("\(directory)/rootfs/tmp", 0o1777)
        try File.write(Array("root:x:0:0::/:\n".utf8), to: "\(directory)/rootfs/etc/passwd")
        try File.write(Array("root:x:0:\n".utf8), to: "\(directory)/rootfs/etc/group")
    }

    private static let applets = """
        sh cat echo test ls id env pwd sleep stty tty uname hostname mount grep sed awk head tail stat touch mkdir rmdir \
        mknod dd chmod chown kill true false readlink ps wc nice renice taskset ionice umask dnsdomainname ip ifconfig sync \
        ln cut tr sort date uptime printf link setpriv chrt getpid usleep nc od
        """.words

    /// What a cautious engine asks for, without limits.
    static func configuration(cgroup: String) -> JSONValue {
        let sets: JSONValue = .array(capabilities.map { .string($0) })
        let strict: JSONValue = ["nosuid", "noexec", "nodev"]
        return [
            "ociVersion": "1.0.2",
            "process": [
                "args": ["/bin/sh", "-c", "true"], "cwd": "/", "env": ["PATH=/bin"],
                "user": ["uid": 0, "gid": 0],
                "capabilities": ["bounding": sets, "effective": sets, "permitted": sets],
            ],
            "root": ["path": "rootfs"],
            "mounts": [
                ["destination": "/proc", "type": "proc", "source": "proc", "options": strict],
                [
                    "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                    "options": ["nosuid", "strictatime", "mode=755"],
                ],
                [
                    "destination": "/dev/pts", "type": "devpts", "source": "devpts",
                    "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
                ],
                [
                    "destination": "/sys", "type": "sysfs", "source": "sysfs",
                    "options": ["nosuid", "noexec", "nodev", "ro"],
                ],
            ],
            "linux": [
                "namespaces": [
                    ["type": "pid"], ["type": "mount"], ["type": "ipc"], ["type": "uts"], ["type": "network"],
                ],
                "cgroupsPath": .string(cgroup),
            ],
        ]
    }

    static let capabilities = [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
        "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    ].map { "CAP_" + $0 }

    func remove(namespace type: String) {
        let kept = (self["linux", "namespaces"]?.array ?? []).filter { $0["type"]?.string != type }
        self["linux", "namespaces"] = .array(kept)
    }

    /// Adds a namespace, or changes how the container gets it.
    func set(namespace type: String, path: String? = nil) {
        remove(namespace: type)
        append(
            path.map { ["type": .string(type), "path": .string($0)] } ?? ["type": .string(type)], to: "linux",
            "namespaces")
    }
}
