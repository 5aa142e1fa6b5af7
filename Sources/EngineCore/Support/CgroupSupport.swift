// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// What of a container's limits this host's control groups can enforce: looked at once, when the engine starts.
struct CgroupSupport: Sendable, Equatable {
    var swappiness: Bool
    var oomKillDisable: Bool
    var kernelTCP: Bool
    var realtime: Bool
    var cpuset: Bool
    /// Whether shares of block I/O can be set; whether they mean something is up to the device's scheduler.
    var blockWeight: Bool
    var blockThrottle: Bool
    /// As the kernel lists them: `0-3`.
    var processorText: String
    var memoryNodeText: String

    var processors: Set<Int> { (try? NumberRanges.parse(processorText)) ?? [] }
    var memoryNodes: Set<Int> { (try? NumberRanges.parse(memoryNodeText)) ?? [] }

    /// Blocking. `root` is where control groups are mounted.
    static func probe(unified: Bool, root: String = "/sys/fs/cgroup") -> CgroupSupport {
        let has = { (file: String) in HostPath.exists("\(root)/\(file)") }
        let read = { (file: String) in (try? HostPath.readLine("\(root)/\(file)")) ?? "" }
        guard unified else {
            return CgroupSupport(
                swappiness: has("memory/memory.swappiness"), oomKillDisable: has("memory/memory.oom_control"),
                kernelTCP: has("memory/memory.kmem.tcp.limit_in_bytes"), realtime: has("cpu/cpu.rt_period_us"),
                cpuset: has("cpuset/cpuset.cpus"),
                // The root group has no weight, only what came of it.
                blockWeight: has("blkio/blkio.weight") || has("blkio/blkio.bfq.io_serviced"),
                blockThrottle: has("blkio/blkio.throttle.read_bps_device"),
                processorText: read("cpuset/cpuset.cpus"), memoryNodeText: read("cpuset/cpuset.mems"))
        }
        let controllers = read("cgroup.controllers").split(separator: " ")
        return CgroupSupport(
            swappiness: false, oomKillDisable: false, kernelTCP: false, realtime: false,
            cpuset: controllers.contains("cpuset"),
            blockWeight: controllers.contains("io"), blockThrottle: controllers.contains("io"),
            processorText: read("cpuset.cpus.effective"), memoryNodeText: read("cpuset.mems.effective"))
    }
}
