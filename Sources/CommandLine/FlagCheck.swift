// SPDX-License-Identifier: Apache-2.0

/// Checks a value the moment its flag is read, so that the first mistake on the line is the one reported.
enum FlagCheck {
    static func check(_ flag: Flag, _ value: String) throws(GoSyntax.Problem) {
        switch flag.kind {
        case .bool:
            guard GoSyntax.bool(value) != nil else {
                throw GoSyntax.Problem("strconv.ParseBool: parsing \(GoSyntax.quoted(value)): invalid syntax")
            }
        case .int: _ = try GoSyntax.int(value)
        case .uint: _ = try GoSyntax.uint(value)
        case .uint16: _ = try GoSyntax.uint(value, bits: 16)
        case .uint32: _ = try GoSyntax.uint(value, bits: 32)
        case .float:
            guard Double(value) != nil else {
                throw GoSyntax.Problem("strconv.ParseFloat: parsing \(GoSyntax.quoted(value)): invalid syntax")
            }
        case .decimal: _ = try Units.nanoCPUs(value)
        case .duration: _ = try GoSyntax.duration(value)
        case .bytes:
            if flag.name == "memory-swap", value == "-1" { return }
            _ = try Units.bytes(value)
        case .filter:
            guard value.isEmpty || value.contains("=") else {
                throw GoSyntax.Problem("bad format of filter (expected name=value)")
            }
        case .ulimit: try ulimit(value)
        case .mount: _ = try MountFlag(value)
        case .network: try network(value)
        case .list, .map, .strings, .string, .other: try named(flag.name, value)
        }
    }

    private static func named(_ name: String, _ value: String) throws(GoSyntax.Problem) {
        switch name {
        case "env":
            guard !value.isEmpty, !value.hasPrefix("=") else {
                throw GoSyntax.Problem("invalid environment variable: \(value)")
            }
        case "label":
            guard !value.hasPrefix("=") else { throw GoSyntax.Problem("invalid label '\(value)': empty name") }
        case "attach":
            guard ["stdin", "stdout", "stderr"].contains(value.lowercased()) else {
                throw GoSyntax.Problem("valid streams are STDIN, STDOUT and STDERR")
            }
        case "add-host": _ = try ExtraHostFlag(value)
        case "dns":
            guard AddressSyntax.isAddress(value.filter { $0 != " " }) else {
                throw GoSyntax.Problem("IP address is not correctly formatted: \(value)")
            }
        case "dns-search": try DomainFlag.check(value)
        case "link":
            guard value.split(separator: ":", omittingEmptySubsequences: false).count <= 2 else {
                throw GoSyntax.Problem("bad format for links: \(value)")
            }
        case "sysctl": try sysctl(value)
        case "device-cgroup-rule": try deviceRule(value)
        case "blkio-weight-device": _ = try DeviceLimitFlag(value, .weight)
        case "device-read-bps", "device-write-bps": _ = try DeviceLimitFlag(value, .bytesPerSecond)
        case "device-read-iops", "device-write-iops": _ = try DeviceLimitFlag(value, .operationsPerSecond)
        case "gpus": _ = try GPUFlag(value)
        default: break
        }
    }

    /// The settings that belong to a namespace of the container's.
    private static func sysctl(_ value: String) throws(GoSyntax.Problem) {
        let name = value.prefix { $0 != "=" }
        let known = [
            "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
            "kernel.shmmni", "kernel.shm_rmid_forced",
        ]
        guard value.contains("="),
            known.contains(String(name)) || name.hasPrefix("net.") || name.hasPrefix("fs.mqueue.")
        else { throw GoSyntax.Problem("sysctl '\(value)' is not allowed") }
    }

    private static func deviceRule(_ value: String) throws(GoSyntax.Problem) {
        let parts = value.split(separator: " ", omittingEmptySubsequences: false)
        func isNumber(_ text: Substring) -> Bool {
            text == "*" || (!text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber })
        }
        let numbers = parts.count == 3 ? parts[1].split(separator: ":", omittingEmptySubsequences: false) : []
        guard parts.count == 3, ["a", "b", "c"].contains(parts[0]), numbers.count == 2, numbers.allSatisfy(isNumber),
            (1...3).contains(parts[2].count), parts[2].allSatisfy({ "rwm".contains($0) })
        else { throw GoSyntax.Problem("invalid device cgroup format '\(value)'") }
    }

    private static let ulimits: Set<String> = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss",
        "rtprio", "rttime", "sigpending", "stack",
    ]

    private static func ulimit(_ value: String) throws(GoSyntax.Problem) {
        let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw GoSyntax.Problem("invalid ulimit argument: \(value)") }
        guard ulimits.contains(String(parts[0])) else { throw GoSyntax.Problem("invalid ulimit type: \(parts[0])") }
        let limits = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        guard limits.count <= 2 else {
            throw GoSyntax.Problem(
                "too many limit value arguments - \(parts[1]), can only have up to two, `soft[:hard]`")
        }
        let soft = try GoSyntax.int(String(limits[0]))
        guard limits.count == 2 else { return }
        let hard = try GoSyntax.int(String(limits[1]))
        if hard != -1, soft == -1 || soft > hard {
            throw GoSyntax.Problem("ulimit soft limit must be less than or equal to hard limit: \(soft) > \(hard)")
        }
    }

    private static func network(_ value: String) throws(GoSyntax.Problem) {
        guard value.contains("=") else { return }
        let known = ["name", "alias", "driver-opt", "ip", "ip6", "mac-address", "link-local-ip", "gw-priority"]
        for field in value.split(separator: ",", omittingEmptySubsequences: false) {
            guard field.contains("=") else { throw GoSyntax.Problem("invalid field \(field)") }
            let key = field.prefix { $0 != "=" }.lowercased()
            guard known.contains(key) else { throw GoSyntax.Problem("invalid field key \(key)") }
        }
    }
}
