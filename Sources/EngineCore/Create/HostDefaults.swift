// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

extension LogConfig {
    /// The driver, and for that driver the options, that the daemon has for containers that say nothing.
    mutating func fillIn(_ defaults: LogConfig) {
        if type.isEmpty { type = defaults.type }
        let inherited = type == defaults.type ? defaults.config ?? [:] : [:]
        config = inherited.merging(config ?? [:]) { _, own in own }
    }
}

extension HostConfig {
    /// Fills in what the request leaves to the engine, as `inspect` will show it.
    mutating func fillIn(unifiedCgroup: Bool, runtimes: OCIRuntimes = OCIRuntimes()) {
        if networkMode.isEmpty || networkMode == "default" { networkMode = "bridge" }
        if cgroupnsMode.isEmpty { cgroupnsMode = unifiedCgroup && !privileged ? "private" : "host" }
        if ipcMode.isEmpty { ipcMode = "private" }
        if restartPolicy.name.isEmpty { restartPolicy.name = "no" }
        if shmSize == 0 { shmSize = SecurityDefaults.sharedMemorySize }
        if memory > 0, memorySwap == 0 {
            let (twice, isTooMuch) = memory.multipliedReportingOverflow(by: 2)
            memorySwap = isTooMuch ? .max : twice
        }
        if pidsLimit == 0 { pidsLimit = nil }
        if runtime ?? "" == "" { runtime = runtimes.defaultName }
        if portBindings == nil { portBindings = [:] }
        capAdd = capAdd?.map(CapabilityNames.normalized)
        capDrop = capDrop?.map(CapabilityNames.normalized)
        if privileged {
            maskedPaths = nil
            readonlyPaths = nil
        } else {
            maskedPaths = maskedPaths ?? SecurityDefaults.maskedPaths
            readonlyPaths = readonlyPaths ?? SecurityDefaults.readonlyPaths
        }
    }
}
