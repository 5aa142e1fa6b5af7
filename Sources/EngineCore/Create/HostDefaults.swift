// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

extension HostConfig {
    /// Fills in what the request leaves to the engine, as `inspect` will show it.
    mutating func fillIn(unifiedCgroup: Bool, runtimes: OCIRuntimes = OCIRuntimes()) {
        if networkMode.isEmpty || networkMode == "default" { networkMode = "bridge" }
        if cgroupnsMode.isEmpty { cgroupnsMode = unifiedCgroup && !privileged ? "private" : "host" }
        if ipcMode.isEmpty { ipcMode = "private" }
        if logConfig.type.isEmpty { logConfig.type = "json-file" }
        if logConfig.config == nil { logConfig.config = [:] }
        if restartPolicy.name.isEmpty { restartPolicy.name = "no" }
        if shmSize == 0 { shmSize = SecurityDefaults.sharedMemorySize }
        if memory > 0, memorySwap == 0 {
            let (twice, isTooMuch) = memory.multipliedReportingOverflow(by: 2)
            memorySwap = isTooMuch ? .max : twice
        }
        if memorySwappiness == -1 { memorySwappiness = nil }
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
