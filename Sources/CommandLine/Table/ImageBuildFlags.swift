// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static func imageBuildFlags() -> [Flag] {
        [
            Flag("add-host", .list, "Extra name for /etc/hosts (name:address)"),
            Flag("build-arg", .list, "Value of a build argument"),
            Flag("cache-from", .strings, "Image to take cached steps from"),
            Flag("cgroup-parent", .string, "Cgroup to put the container's under"),
            Flag("compress", .bool, "Compress the context"),
            Flag("cpu-period", .int, "CFS period, microseconds"),
            Flag("cpu-quota", .int, "CFS quota, microseconds"),
            Flag("cpu-shares", "c", .int, "Relative processor weight"),
            Flag("cpuset-cpus", .string, "Processors to run on (0-3, 0,1)"),
            Flag("cpuset-mems", .string, "Memory nodes to use (0-3, 0,1)"),
            Flag("disable-content-trust", .bool, "Don't check signatures", default: "true"),
            Flag("file", "f", .string, "Name of the Dockerfile"),
            Flag("force-rm", .bool, "Remove the step's container even if it failed"),
            Flag("iidfile", .string, "File to write the image's ID to"),
            Flag("isolation", .string, "Isolation technology"),
            Flag("label", .list, "Label, as key=value"),
            Flag("memory", "m", .bytes, "Limit of memory"),
            Flag("memory-swap", .bytes, "Limit of memory and swap together (-1: no limit)"),
            Flag("network", .string, "Network for the steps", default: "default"),
            Flag("no-cache", .bool, "Run every step anew"),
            Flag("platform", .string, "Platform to choose, as os/arch"),
            Flag("pull", .bool, "Fetch the newest base images"),
            Flag("quiet", "q", .bool, "Print less"),
            Flag("rm", .bool, "Remove the steps' containers", default: "true"),
            Flag("security-opt", .strings, "Security option"),
            Flag("shm-size", .bytes, "Size of /dev/shm"),
            Flag("squash", .bool, "Make one layer of the new ones"),
            Flag("tag", "t", .list, "Name for the image"),
            Flag("target", .string, "Stage to build"),
            Flag("ulimit", .ulimit, "Resource limit", default: "[]"),
        ]
    }
}
