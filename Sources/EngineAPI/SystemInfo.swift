// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The answer of `GET /info`.
package struct SystemInfo: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String
    @Zero package var containers: Int
    @Zero package var containersRunning: Int
    @Zero package var containersPaused: Int
    @Zero package var containersStopped: Int
    @Zero package var images: Int
    @Zero package var driver: String
    @Zero package var driverStatus: [[String]]
    package var systemStatus: [[String]]?
    @Zero package var plugins: SystemPlugins
    @Zero package var memoryLimit: Bool
    @Zero package var swapLimit: Bool
    package var kernelMemory: Bool?
    package var kernelMemoryTCP: Bool?
    @Zero package var cpuCfsPeriod: Bool
    @Zero package var cpuCfsQuota: Bool
    @Zero package var cpuShares: Bool
    @Zero package var cpuSet: Bool
    @Zero package var pidsLimit: Bool
    @Zero package var ipv4Forwarding: Bool
    @Zero package var debug: Bool
    @Zero package var fileDescriptors: Int
    @Zero package var oomKillDisable: Bool
    @Zero package var goroutines: Int
    @Zero package var systemTime: String
    @Zero package var loggingDriver: String
    @Zero package var cgroupDriver: String
    package var cgroupVersion: String?
    @Zero package var eventListeners: Int
    @Zero package var kernelVersion: String
    @Zero package var operatingSystem: String
    @Zero package var osVersion: String
    @Zero package var osType: String
    @Zero package var architecture: String
    @Zero package var indexServerAddress: String
    @Zero package var registryConfig: RegistryConfig
    @Zero package var cpus: Int
    @Zero package var memoryTotal: Int64
    @Nullable package var genericResources: [JSONValue]?
    @Zero package var dockerRootDir: String
    @Zero package var httpProxy: String
    @Zero package var httpsProxy: String
    @Zero package var noProxy: String
    @Zero package var name: String
    @Zero package var labels: [String]
    @Zero package var experimentalBuild: Bool
    @Zero package var serverVersion: String
    @Zero package var runtimes: [String: SystemRuntime]
    @Zero package var defaultRuntime: String
    @Zero package var swarm: SwarmInfo
    @Zero package var liveRestoreEnabled: Bool
    @Zero package var isolation: String
    @Zero package var initBinary: String
    @Zero package var containerdCommit: CommitInfo
    @Zero package var runcCommit: CommitInfo
    @Zero package var initCommit: CommitInfo
    @Zero package var securityOptions: [String]
    package var productLicense: String?
    package var defaultAddressPools: [AddressPool]?
    package var firewallBackend: FirewallInfo?
    @Zero package var cdiSpecDirs: [String]
    package var discoveredDevices: [JSONValue]?
    package var containerd: JSONValue?
    @Nullable package var warnings: [String]?

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case id = "ID"
        case containers = "Containers"
        case containersRunning = "ContainersRunning"
        case containersPaused = "ContainersPaused"
        case containersStopped = "ContainersStopped"
        case images = "Images"
        case driver = "Driver"
        case driverStatus = "DriverStatus"
        case systemStatus = "SystemStatus"
        case plugins = "Plugins"
        case memoryLimit = "MemoryLimit"
        case swapLimit = "SwapLimit"
        case kernelMemory = "KernelMemory"
        case kernelMemoryTCP = "KernelMemoryTCP"
        case cpuCfsPeriod = "CpuCfsPeriod"
        case cpuCfsQuota = "CpuCfsQuota"
        case cpuShares = "CPUShares"
        case cpuSet = "CPUSet"
        case pidsLimit = "PidsLimit"
        case ipv4Forwarding = "IPv4Forwarding"
        case debug = "Debug"
        case fileDescriptors = "NFd"
        case oomKillDisable = "OomKillDisable"
        case goroutines = "NGoroutines"
        case systemTime = "SystemTime"
        case loggingDriver = "LoggingDriver"
        case cgroupDriver = "CgroupDriver"
        case cgroupVersion = "CgroupVersion"
        case eventListeners = "NEventsListener"
        case kernelVersion = "KernelVersion"
        case operatingSystem = "OperatingSystem"
        case osVersion = "OSVersion"
        case osType = "OSType"
        case architecture = "Architecture"
        case indexServerAddress = "IndexServerAddress"
        case registryConfig = "RegistryConfig"
        case cpus = "NCPU"
        case memoryTotal = "MemTotal"
        case genericResources = "GenericResources"
        case dockerRootDir = "DockerRootDir"
        case httpProxy = "HttpProxy"
        case httpsProxy = "HttpsProxy"
        case noProxy = "NoProxy"
        case name = "Name"
        case labels = "Labels"
        case experimentalBuild = "ExperimentalBuild"
        case serverVersion = "ServerVersion"
        case runtimes = "Runtimes"
        case defaultRuntime = "DefaultRuntime"
        case swarm = "Swarm"
        case liveRestoreEnabled = "LiveRestoreEnabled"
        case isolation = "Isolation"
        case initBinary = "InitBinary"
        case containerdCommit = "ContainerdCommit"
        case runcCommit = "RuncCommit"
        case initCommit = "InitCommit"
        case securityOptions = "SecurityOptions"
        case productLicense = "ProductLicense"
        case defaultAddressPools = "DefaultAddressPools"
        case firewallBackend = "FirewallBackend"
        case cdiSpecDirs = "CDISpecDirs"
        case discoveredDevices = "DiscoveredDevices"
        case containerd = "Containerd"
        case warnings = "Warnings"
    }
}
