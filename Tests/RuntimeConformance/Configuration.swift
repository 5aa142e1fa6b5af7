// SPDX-License-Identifier: Apache-2.0

import JSON

extension Box {
    /// A root file system of busybox-static, made by the shell in the case's directory.
    static let makeRoot = """
        mkdir -p rootfs/bin rootfs/etc rootfs/tmp rootfs/root state && cp "$(command -v busybox)" rootfs/bin/busybox &&
        for applet in sh cat echo test ls id env pwd sleep stty tty uname hostname mount grep sed awk head tail stat touch \\
            mkdir rmdir mknod dd chmod chown kill true false readlink ps wc nice renice taskset ionice umask dnsdomainname \\
            ip ifconfig sync ln cut tr sort date uptime printf link setpriv chrt getpid usleep nc od; do
            ln -s busybox rootfs/bin/$applet
        done
        chmod 1777 rootfs/tmp && echo root:x:0:0::/: >rootfs/etc/passwd && echo root:x:0: >rootfs/etc/group
        """

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
