// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import EngineAPI

/// The value of `--device`: `/dev/a`, `/dev/a:/dev/b`, `/dev/a:r`, `/dev/a:/dev/b:rw`, or the name of a CDI device.
enum DeviceSpec {
    case node(DeviceMapping)
    case named(String)

    static func parse(_ text: String) throws -> DeviceSpec {
        if isQualified(text) { return .named(text) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3, !parts[0].isEmpty else { throw Failure("bad format for path: \(text)") }
        var mapping = DeviceMapping(pathOnHost: parts[0], pathInContainer: parts[0], cgroupPermissions: "rwm")
        if parts.count == 1 {
            mapping.pathOnHost = clean(parts[0])
            mapping.pathInContainer = mapping.pathOnHost
        } else if parts.count == 2, isMode(parts[1]) {
            mapping.pathOnHost = clean(parts[0])
            mapping.pathInContainer = mapping.pathOnHost
            mapping.cgroupPermissions = parts[1]
        } else {
            mapping.pathInContainer = parts.count == 2 ? clean(parts[1]) : parts[1]
            if parts.count == 3 {
                guard isMode(parts[2]) else { throw Failure("bad mode specified: \(parts[2])") }
                mapping.cgroupPermissions = parts[2]
            }
        }
        guard mapping.pathInContainer.hasPrefix("/") else {
            let given = parts.count == 2 && isMode(parts[1]) ? parts[0] : parts.count > 1 ? parts[1] : parts[0]
            throw Failure("\(given) is not an absolute path")
        }
        return .node(mapping)
    }

    /// `r`, `w` and `m`, each once at most.
    private static func isMode(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { "rwm".contains($0) } && Set(text).count == text.count
    }

    /// `vendor.com/class=name`, as the Container Device Interface has it.
    private static func isQualified(_ text: String) -> Bool {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !text.hasPrefix("/") else { return false }
        let kind = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        func isName(_ text: Substring, with others: String) -> Bool {
            guard let first = text.first, let last = text.last else { return false }
            let isPlain = { (character: Character) in
                character.isASCII && (character.isLetter || character.isNumber)
            }
            return isPlain(first) && isPlain(last) && text.allSatisfy { isPlain($0) || others.contains($0) }
        }
        return kind.count == 2 && kind[0].first?.isLetter == true && isName(kind[0], with: "_-.")
            && isName(kind[1], with: "_-") && isName(parts[1], with: "_-.:")
    }

    private static func clean(_ path: String) -> String {
        let isAbsolute = path.hasPrefix("/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return isAbsolute ? "/" + joined : joined.isEmpty ? "." : joined
    }
}

extension CreateRequestBuilder {
    /// Devices, and shares and limits of their I/O.
    func readDevices(_ host: inout HostConfig) throws {
        host.blkioWeight = UInt16(clamping: flags.int("blkio-weight") ?? 0)
        host.blkioWeightDevice = try flags.list("blkio-weight-device").map { text in
            let limit = try DeviceLimitFlag(text, .weight)
            return WeightDevice(path: limit.path, weight: UInt16(clamping: limit.amount))
        }
        func throttles(_ name: String, _ kind: DeviceLimitFlag.Kind) throws -> [ThrottleDevice] {
            try flags.list(name).map { text in
                let limit = try DeviceLimitFlag(text, kind)
                return ThrottleDevice(path: limit.path, rate: limit.amount)
            }
        }
        host.blkioDeviceReadBps = try throttles("device-read-bps", .bytesPerSecond)
        host.blkioDeviceWriteBps = try throttles("device-write-bps", .bytesPerSecond)
        host.blkioDeviceReadIOps = try throttles("device-read-iops", .operationsPerSecond)
        host.blkioDeviceWriteIOps = try throttles("device-write-iops", .operationsPerSecond)
        let rules = flags.list("device-cgroup-rule")
        host.deviceCgroupRules = rules.isEmpty ? nil : rules
        try readDeviceNodes(&host)
    }

    private func readDeviceNodes(_ host: inout HostConfig) throws {
        var nodes: [DeviceMapping] = []
        var names: [String] = []
        for text in flags.list("device") {
            switch try DeviceSpec.parse(text) {
            case .node(let mapping): nodes.append(mapping)
            case .named(let name): names.append(name)
            }
        }
        host.devices = nodes
        var requests = try flags.list("gpus").map { text in
            let gpu = try GPUFlag(text)
            return DeviceRequest(
                driver: gpu.driver, count: gpu.count, deviceIDs: gpu.devices, capabilities: gpu.capabilities,
                options: KeyValues.dictionary(gpu.options))
        }
        if !names.isEmpty { requests.append(DeviceRequest(driver: "cdi", deviceIDs: names)) }
        host.deviceRequests = requests.isEmpty ? nil : requests
    }

    /// Limits that newer kernels or few machines know.
    func readRareLimits(_ host: inout HostConfig) throws {
        let swappiness = flags.int("memory-swappiness") ?? -1
        guard swappiness == -1 || (0...100).contains(swappiness) else {
            throw Failure("invalid value: \(swappiness). Valid memory swappiness range is 0-100")
        }
        host.memorySwappiness = Int64(swappiness)
        host.oomKillDisable = flags.bool("oom-kill-disable")
        host.oomScoreAdj = flags.int("oom-score-adj") ?? 0
        host.cpuRealtimePeriod = Int64(flags.int("cpu-rt-period") ?? 0)
        host.cpuRealtimeRuntime = Int64(flags.int("cpu-rt-runtime") ?? 0)
        host.cpusetCpus = flags.text("cpuset-cpus")
        host.cpusetMems = flags.text("cpuset-mems")
        host.cgroupParent = flags.text("cgroup-parent")
        // Read and not sent, as docker's client does at this version of the API: the kernel has given it up.
        _ = try flags.string("kernel-memory").map(Units.bytes)
        let annotations = KeyValues.dictionary(flags.list("annotation"))
        if !annotations.isEmpty { host.annotations = annotations }
        let settings = KeyValues.dictionary(flags.list("sysctl"))
        if !settings.isEmpty { host.sysctls = settings }
    }
}
