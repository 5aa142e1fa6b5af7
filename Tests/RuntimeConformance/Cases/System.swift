// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

let systemCases: [Case] = [
    Case("config-linux.md#sysctl", "a parameter of the container's namespaces is set") { box in
        box["linux", "sysctl"] = ["net.ipv4.ip_forward": "1", "kernel.shmmax": "1048576"]
        try box.prints("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax", "1\n1048576")
    },
    Case("config-linux.md#sysctl", "a parameter that does not exist is an error") { box in
        box["linux", "sysctl"] = ["net.no.such.thing": "1"]
        try box.refused("there is no net.no.such.thing")
    },
    Case("config-linux.md#personality", "domain LINUX32 shows a 32-bit machine") { box in
        box["linux", "personality"] = ["domain": "LINUX32"]
        let machine = try box.inside("uname -m")
        try require(!machine.contains("64"), "a 32-bit machine", came: machine)
    },
    Case("config-linux.md#personality", "domain LINUX is the machine's own") { box in
        box["linux", "personality"] = ["domain": "LINUX"]
        try box.prints("uname -m", try box.host("uname -m"))
    },
    Case("config-linux.md#personality", "an unknown domain is an error") { box in
        box["linux", "personality"] = ["domain": "NO_SUCH"]
        try box.refused("the domain is unknown")
    },
    Case("config-linux.md#memory-policy", "the program gets the policy") { box in
        box["linux", "memoryPolicy"] = ["mode": "MPOL_INTERLEAVE", "nodes": "0"]
        let maps = try box.inside("head -n 1 /proc/self/numa_maps")
        try require(maps.contains("interleave:0"), "interleave:0", came: maps)
    },
    Case("config-linux.md#memory-policy", "an unknown mode is an error") { box in
        box["linux", "memoryPolicy"] = ["mode": "MPOL_NO_SUCH", "nodes": "0"]
        try box.refused("the mode is unknown")
    },
    Case("config-linux.md#memory-policy", "an unknown flag is an error") { box in
        box["linux", "memoryPolicy"] = ["mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_NO_SUCH"]]
        try box.refused("the flag is unknown")
    },
    Case("config-linux.md#memory-policy", "nodes that are no list are an error") { box in
        box["linux", "memoryPolicy"] = ["mode": "MPOL_BIND", "nodes": "zero"]
        try box.refused("nodes is no list")
    },
    Case("config-linux.md#network-devices", "a device moves into the container, up, with its address") { box in
        try withDevice(box) { name in
            _ = try box.host("ip address add 198.51.100.7/24 dev \(name)")
            box["linux", "netDevices"] = .object([name: [:]])
            let text = try box.inside("ip address show dev \(name)")
            try require(text.contains("198.51.100.7/24"), "the address", came: text)
            try require(text.contains("UP"), "an interface that is up", came: text)
        }
    },
    Case("config-linux.md#network-devices", "a device gets the name it is to have inside") { box in
        try withDevice(box) { name in
            box["linux", "netDevices"] = .object([name: ["name": "inside0"]])
            let text = try box.inside("ip link show dev inside0 2>&1")
            try require(text.contains("inside0") && !text.contains("find"), "inside0", came: text)
        }
    },
    Case("config-linux.md#network-devices", "a device that does not exist is an error") { box in
        box["linux", "netDevices"] = ["no-such0": [:]]
        try box.refused("there is no no-such0")
    },
    Case("config-linux.md#network-devices", "a name that is taken inside is an error") { box in
        try withDevice(box) { name in
            box["linux", "netDevices"] = .object([name: ["name": "lo"]])
            try box.refused("lo is taken")
        }
    },
    Case("config-linux.md#network-devices", "a name that no device can have is an error") { box in
        try withDevice(box) { name in
            box["linux", "netDevices"] = .object([name: ["name": "much-too-long-for-a-device"]])
            try box.refused("the name is too long")
        }
    },
    Case("config-linux.md#network-devices", "without a network namespace of the container's it is an error") { box in
        try withDevice(box) { name in
            box.remove(namespace: "network")
            box["linux", "netDevices"] = .object([name: [:]])
            try box.refused("there is no network namespace to move it to")
        }
    },
]

/// Half a cable, in the suite's own network namespace.
@Sendable private func withDevice(_ box: Box, _ body: (String) throws -> Void) throws {
    let name = "c" + box.id.suffix(6)
    _ = try box.host("ip link add \(name) type veth peer name p\(box.id.suffix(6))")
    defer { _ = try? box.host("ip link delete p\(box.id.suffix(6))") }
    try body(name)
}

let pathCases: [Case] =
    [
        Case("config-linux.md#masked-paths", "a file can't be read") { box in
            _ = try box.host("echo secret >rootfs/etc/secret")
            box["linux", "maskedPaths"] = ["/etc/secret"]
            try box.prints("cat /etc/secret 2>/dev/null", "")
        },
        Case("config-linux.md#masked-paths", "a directory shows nothing") { box in
            _ = try box.host("mkdir rootfs/secret && echo secret >rootfs/secret/file")
            box["linux", "maskedPaths"] = ["/secret"]
            try box.prints("ls /secret; touch /secret/x 2>/dev/null; echo $?", "1")
        },
        Case("config-linux.md#masked-paths", "a path that does not exist is no error") { box in
            box["linux", "maskedPaths"] = ["/not/there"]
            try box.accepted()
        },
        Case("config-linux.md#masked-paths", "a relative path is an error") { box in
            box["linux", "maskedPaths"] = ["etc/secret"]
            try box.refused("the path is relative")
        },
        Case("config-linux.md#readonly-paths", "a path can't be written") { box in
            _ = try box.host("mkdir rootfs/fixed && echo old >rootfs/fixed/file")
            box["linux", "readonlyPaths"] = ["/fixed"]
            try box.prints("{ echo new >/fixed/file; } 2>/dev/null; cat /fixed/file", "old")
        },
        Case("config-linux.md#readonly-paths", "a path that does not exist is no error") { box in
            box["linux", "readonlyPaths"] = ["/not/there"]
            try box.accepted()
        },
        Case("config-linux.md#readonly-paths", "a relative path is an error") { box in
            box["linux", "readonlyPaths"] = ["etc"]
            try box.refused("the path is relative")
        },
    ]
    + ["shared", "slave", "private", "unbindable"].map { propagation in
        Case("config-linux.md#rootfs-mount-propagation", "\(propagation)") { box in
            box["linux", "rootfsPropagation"] = .string(propagation)
            let root = try box.mount(at: "/")
            let fits =
                switch propagation {
                case "shared": root.isPeer("shared:")
                // Whether it is a slave depends on whether the file system it is on is shared: the suite's is.
                case "slave": root.isPeer("master:") && !root.isPeer("shared:")
                case "private": !root.isPeer("shared:") && !root.isPeer("master:")
                default: root.isPeer("unbindable")
                }
            try require(
                fits, "a root that is \(propagation)", came: root.propagation.joined(separator: " ") + " (its peers)")
        }
    } + [
        Case("config-linux.md#rootfs-mount-propagation", "an unknown value is an error") { box in
            box["linux", "rootfsPropagation"] = "sideways"
            try box.refused("the value is unknown")
        }
    ]
