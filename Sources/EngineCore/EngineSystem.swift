// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Glibc
internal import Images
internal import JSON
internal import Linux
internal import OCI

extension Engine {
    package func version() -> SystemVersion {
        let version = services.configuration.version
        let kernel = services.host.kernelVersion
        let details = [
            "ApiVersion": "\(APIVersion.newest)", "Arch": Platform.host.architecture, "BuildTime": "",
            "Experimental": "false",
            "GitCommit": "",
            "GoVersion": "", "KernelVersion": kernel, "MinAPIVersion": "\(APIVersion.oldest)", "Os": "linux",
        ]
        var result = SystemVersion(platform: VersionPlatform(name: "Wharf"))
        result.version = version
        result.apiVersion = "\(APIVersion.newest)"
        result.minAPIVersion = "\(APIVersion.oldest)"
        result.os = "linux"
        result.arch = Platform.host.architecture
        result.components = [
            ComponentVersion(name: "Engine", version: version, details: details),
            ComponentVersion(name: "wharf-runtime", version: version, details: ["GitCommit": ""]),
        ]
        result.kernelVersion = kernel
        result.buildTime = ""
        return result
    }

    package func info() async throws -> SystemInfo {
        // It reads files, of the data root's file system too.
        try await BlockingPool.shared.run { try self.readInfo() }
    }

    private func readInfo() throws -> SystemInfo {
        let host = services.host
        let configuration = services.configuration
        var info = SystemInfo()
        let states = services.table.records.map(\.state)
        info.id = hostIdentity()
        info.containers = states.count
        info.containersRunning = states.count { $0.status == "running" }
        info.containersPaused = states.count { $0.status == "paused" }
        info.containersStopped = states.count - info.containersRunning - info.containersPaused
        info.images = try services.images.list(all: false, filters: Filters(), manifests: false).count
        info.driver = services.images.driverName
        info.driverStatus = [["driver-type", "wharf.layers"]] + services.images.driverStatus
        info.plugins = SystemPlugins(
            volume: ["local"], network: ["bridge", "host", "null"], log: LogDriver.names)
        info.memoryLimit = true
        info.swapLimit = true
        info.cpuCfsPeriod = true
        info.cpuCfsQuota = true
        info.cpuShares = true
        info.cpuSet = services.cgroupSupport.cpuset
        info.pidsLimit = true
        info.ipv4Forwarding = (try? HostPath.readLine("/proc/sys/net/ipv4/ip_forward")) == "1"
        info.debug = configuration.debug
        info.fileDescriptors = (try? HostPath.names(in: "/proc/self/fd").count) ?? 0
        info.oomKillDisable = services.cgroupSupport.oomKillDisable
        info.systemTime = Timestamp.now.rfc3339
        info.loggingDriver = configuration.log.type
        info.cgroupDriver = "cgroupfs"
        info.cgroupVersion = host.isUnifiedCgroup ? "2" : "1"
        info.eventListeners = services.events.listenerCount
        info.kernelVersion = host.kernelVersion
        let release = OSRelease.read()
        info.operatingSystem = release.prettyName
        info.osVersion = release.version
        info.osType = "linux"
        info.architecture = host.machine
        info.indexServerAddress = "https://index.docker.io/v1/"
        info.registryConfig = Self.registries
        info.cpus = host.processors
        info.memoryTotal = host.memory
        info.dockerRootDir = configuration.dataRoot
        info.name = host.hostname
        info.serverVersion = configuration.version
        info.runtimes = configuration.runtimes.listed
        info.defaultRuntime = configuration.runtimes.defaultName
        info.swarm = SwarmInfo(nodeID: "", localNodeState: "inactive")
        info.liveRestoreEnabled = true
        info.initBinary = "wharf-runtime init"
        info.securityOptions = ["name=seccomp,profile=builtin"] + (host.isUnifiedCgroup ? ["name=cgroupns"] : [])
        return info
    }

    private static let registries = RegistryConfig(
        insecureRegistryCIDRs: ["::1/128", "127.0.0.0/8"],
        indexConfigs: ["docker.io": RegistryIndex(name: "docker.io", mirrors: [], secure: true, official: true)],
        mirrors: [])

    /// A name for this engine that stays: the data root remembers it.
    private func hostIdentity() -> String {
        let path = services.configuration.dataRoot + "/engine-id"
        if let known = try? HostPath.readLine(path), !known.isEmpty { return known }
        let digits = Identifier.random()
        let cuts = [8, 4, 4, 4, 12]
        var rest = digits[...]
        var groups: [Substring] = []
        for cut in cuts {
            groups.append(rest.prefix(cut))
            rest = rest.dropFirst(cut)
        }
        let id = groups.joined(separator: "-")
        try? HostPath.write(id + "\n", to: path, mode: 0o600)
        return id
    }
}

/// What os-release(5) says of the host.
struct OSRelease {
    var prettyName = "Linux"
    var version = ""

    static func read() -> OSRelease {
        guard let bytes = try? HostPath.read("/etc/os-release", limit: 65536) else { return OSRelease() }
        var release = OSRelease()
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            let value = parts[1].trimmingQuotes
            if parts[0] == "PRETTY_NAME" { release.prettyName = value }
            if parts[0] == "VERSION_ID" { release.version = value }
        }
        return release
    }
}

extension String {
    fileprivate var trimmingQuotes: String {
        count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
    }
}
