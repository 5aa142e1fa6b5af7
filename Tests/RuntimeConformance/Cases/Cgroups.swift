// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

extension Box {
    /// A file of the container's cgroup.
    func cgroupFile(_ controller: String, _ v1: String, _ v2: String? = nil) throws -> String {
        let file =
            Host.hasOnlyV2 ? "/sys/fs/cgroup\(cgroup)/\(v2 ?? v1)" : "/sys/fs/cgroup/\(controller)\(cgroup)/\(v1)"
        guard Host.hasController(controller) else { throw Unavailable("the kernel has no \(controller) controller") }
        guard let text = File.readIfThere(file) else { throw Mismatch(expected: "the file \(file)", came: "none") }
        return text
    }

    /// Creates the container with limits, and compares one file.
    func limits(_ controller: String, _ v1: String, _ value: String, v2: String? = nil, _ valueV2: String? = nil) throws
    {
        guard Host.hasController(controller) else { throw Unavailable("the kernel has no \(controller) controller") }
        if Host.hasOnlyV2, v2 == nil { throw Unavailable("cgroup v1 only") }
        try create()
        let expected = Host.hasOnlyV2 ? valueV2 ?? value : value
        try requireEqual(Host.hasOnlyV2 ? v2 ?? v1 : v1, try cgroupFile(controller, v1, v2), expected)
    }
}

let cgroupCases: [Case] = [
    Case("config-linux.md#cgroups-path", "an absolute path starts at the cgroup mount") { box in
        box.script = "sleep 100"
        try box.createAndStart()
        let groups = try File.read("/proc/\(box.pid)/cgroup").lines
        let there = groups.contains { $0.hasSuffix(":\(box.cgroup)") }
        try require(there, "a process in \(box.cgroup)", came: groups.joined(separator: " "))
    },
    Case("config-linux.md#cgroups-path", "the same path is the same place each time") { box in
        for relative in [false, true] {
            box["linux", "cgroupsPath"] = .string(relative ? "\(box.cgroup.dropFirst())" : box.cgroup)
            box.script = "sleep 100"
            var seen: [String] = []
            for _ in 0..<2 {
                try box.createAndStart()
                seen.append(try File.read("/proc/\(box.pid)/cgroup"))
                _ = try box.call("delete", ["--force", box.id])
            }
            try requireEqual("cgroups", seen[0], seen[1])
        }
    },
    Case("config-linux.md#cgroups-path", "every process of the container is in it") { box in
        box.script = "sleep 100 & sleep 100"
        try box.createAndStart()
        let file = Host.directories(ofCgroup: box.cgroup).map { "\($0)/cgroup.procs" }.first ?? ""
        let both = eventually { (File.readIfThere(file) ?? "").lines.count == 2 }
        try require(both, "two processes in \(file)", came: File.readIfThere(file) ?? "no file")
    },
    Case("config-linux.md#control-groups", "without resources nothing is limited") { box in
        try box.create()
        try requireEqual("pids.max", try box.cgroupFile("pids", "pids.max"), "max")
    },
    Case("config-linux.md#unified", "a file of the cgroup gets its value") { box in
        guard Host.hasOnlyV2 else { throw Unavailable("cgroup v2 only") }
        box["linux", "resources", "unified"] = ["pids.max": "77", "memory.high": "67108864"]
        try box.create()
        try requireEqual("pids.max", try box.cgroupFile("pids", "pids.max"), "77")
        try requireEqual("memory.high", try box.cgroupFile("memory", "memory.high"), "67108864")
    },
    Case("config-linux.md#unified", "a controller that is not there is an error") { box in
        box["linux", "resources", "unified"] = ["nosuch.max": "1"]
        try box.refused("there is no controller nosuch")
    },
    Case("config-linux.md#unified", "on cgroup v1 it is an error") { box in
        guard !Host.hasOnlyV2 else { throw Unavailable("cgroup v1 only") }
        box["linux", "resources", "unified"] = ["pids.max": "77"]
        try box.refused("there is no cgroup v2")
    },
]

@Sendable private func resource(_ box: Box, _ section: String, _ members: JSONObject) {
    box["linux", "resources", section] = .object(members)
}

let limitCases: [Case] = [
    Case("config-linux.md#memory", "limit") { box in
        resource(box, "memory", ["limit": 67_108_864])
        try box.limits("memory", "memory.limit_in_bytes", "67108864", v2: "memory.max")
    },
    Case("config-linux.md#memory", "reservation") { box in
        resource(box, "memory", ["limit": 67_108_864, "reservation": 33_554_432])
        try box.limits("memory", "memory.soft_limit_in_bytes", "33554432", v2: "memory.low")
    },
    Case("config-linux.md#memory", "swap counts memory and swap together") { box in
        resource(box, "memory", ["limit": 67_108_864, "swap": 100_663_296])
        let v1 = File.exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")
        guard v1 || Host.hasOnlyV2 else { throw Unavailable("the kernel does not account swap") }
        try box.limits("memory", "memory.memsw.limit_in_bytes", "100663296", v2: "memory.swap.max", "33554432")
    },
    Case("config-linux.md#memory", "a limit of -1 is none") { box in
        resource(box, "memory", ["limit": -1])
        try box.limits("memory", "memory.limit_in_bytes", "9223372036854771712", v2: "memory.max", "max")
    },
    Case("config-linux.md#memory", "swappiness") { box in
        resource(box, "memory", ["swappiness": 37])
        try box.limits("memory", "memory.swappiness", "37")
    },
    Case("config-linux.md#memory", "disableOOMKiller") { box in
        guard !Host.hasOnlyV2 else { throw Unavailable("cgroup v1 only") }
        resource(box, "memory", ["limit": 67_108_864, "disableOOMKiller": true])
        try box.create()
        let text = try box.cgroupFile("memory", "memory.oom_control").lines
        try require(text.contains("oom_kill_disable 1"), "oom_kill_disable 1", came: text.joined(separator: " "))
    },
    Case("config-linux.md#cpu", "shares") { box in
        resource(box, "cpu", ["shares": 512])
        try box.limits("cpu", "cpu.shares", "512", v2: "cpu.weight", "20")
    },
    Case("config-linux.md#cpu", "quota and period") { box in
        resource(box, "cpu", ["quota": 30000, "period": 60000])
        try box.limits("cpu", "cpu.cfs_quota_us", "30000", v2: "cpu.max", "30000 60000")
        if !Host.hasOnlyV2 { try requireEqual("period", try box.cgroupFile("cpu", "cpu.cfs_period_us"), "60000") }
    },
    Case("config-linux.md#cpu", "burst") { box in
        resource(box, "cpu", ["quota": 30000, "period": 60000, "burst": 10000])
        try box.limits("cpu", "cpu.cfs_burst_us", "10000", v2: "cpu.max.burst")
    },
    Case("config-linux.md#cpu", "cpus") { box in
        resource(box, "cpu", ["cpus": "0"])
        try box.limits("cpuset", "cpuset.cpus", "0", v2: "cpuset.cpus")
    },
    Case("config-linux.md#cpu", "mems") { box in
        resource(box, "cpu", ["mems": "0"])
        try box.limits("cpuset", "cpuset.mems", "0", v2: "cpuset.mems")
    },
    Case("config-linux.md#cpu", "idle") { box in
        resource(box, "cpu", ["idle": 1])
        try box.limits("cpu", "cpu.idle", "1", v2: "cpu.idle")
    },
    Case("config-linux.md#cpu", "processors that do not exist are an error") { box in
        resource(box, "cpu", ["cpus": "5000"])
        try box.refused("there is no processor 5000")
    },
    Case("config-linux.md#pids", "limit") { box in
        resource(box, "pids", ["limit": 33])
        try box.limits("pids", "pids.max", "33", v2: "pids.max")
    },
    Case("config-linux.md#pids", "a limit of -1 is none") { box in
        resource(box, "pids", ["limit": -1])
        try box.limits("pids", "pids.max", "max", v2: "pids.max")
    },
    Case("config-linux.md#huge-page-limits", "limit") { box in
        guard Host.hasController("hugetlb") else { throw Unavailable("the kernel has no hugetlb controller here") }
        box["linux", "resources", "hugepageLimits"] = [["pageSize": "2MB", "limit": 4_194_304]]
        try box.limits("hugetlb", "hugetlb.2MB.limit_in_bytes", "4194304", v2: "hugetlb.2MB.max")
    },
    Case("config-linux.md#huge-page-limits", "a page size that does not exist is an error") { box in
        box["linux", "resources", "hugepageLimits"] = [["pageSize": "3MB", "limit": 4_194_304]]
        try box.refused("there are no pages of 3 MB")
    },
    Case("config-linux.md#rdma", "a limit without the controller is an error") { box in
        guard !Host.hasController("rdma") else { throw Unavailable("the kernel has the rdma controller") }
        box["linux", "resources", "rdma"] = ["mlx5_1": ["hcaHandles": 3]]
        try box.refused("there is no rdma controller")
    },
    Case("config-linux.md#network", "a class without the controller is an error") { box in
        guard !Host.hasController("net_cls") else { throw Unavailable("the kernel has the net_cls controller") }
        box["linux", "resources", "network"] = ["classID": 1_048_577]
        try box.refused("there is no net_cls controller")
    },
    Case("config-linux.md#intelrdt", "without a resctrl file system it is an error") { box in
        guard !(try File.read("/proc/self/mounts").contains(" resctrl ")) else {
            throw Unavailable("resctrl is mounted")
        }
        box["linux", "intelRdt"] = ["closID": "conformance", "l3CacheSchema": "L3:0=f"]
        try box.refused("resctrl is not mounted")
    },
]

private let throttles: [(String, v1: String, v2: String)] = [
    ("throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps"),
    ("throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps"),
    ("throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops"),
    ("throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops"),
]

let blockIOCases: [Case] = throttles.map { field, v1, v2 in
    Case("config-linux.md#block-io", field) { box in
        guard let disk = Host.names(in: "/sys/block").first(where: { File.exists("/sys/block/\($0)/device") }),
            let numbers = File.readIfThere("/sys/block/\(disk)/dev"),
            Host.hasController(Host.hasOnlyV2 ? "io" : "blkio")
        else { throw Unavailable("there is no disk, or no block I/O controller") }
        let parts = numbers.split(separator: ":").compactMap { Int64($0) }
        box["linux", "resources", "blockIO"] = .object([
            field: [["major": .integer(parts[0]), "minor": .integer(parts[1]), "rate": 1_048_576]]
        ])
        try box.create()
        let text = try box.cgroupFile(Host.hasOnlyV2 ? "io" : "blkio", v1, "io.max")
        let expected = Host.hasOnlyV2 ? "\(v2)=1048576" : "\(numbers) 1048576"
        try require(text.contains(expected), expected, came: text)
    }
}
