// SPDX-License-Identifier: Apache-2.0

import EngineAPI

@testable import EngineCore

extension CgroupSupport {
    /// A host that can do everything: two processors, one memory node.
    static let full = CgroupSupport(
        swappiness: true, oomKillDisable: true, kernelTCP: true, realtime: true,
        cpuset: true, blockWeight: true, blockThrottle: true,
        processorText: "0-1", memoryNodeText: "0")

    /// A host with cgroup v2 and no controller for block I/O or processors.
    static let none = CgroupSupport(
        swappiness: false, oomKillDisable: false, kernelTCP: false, realtime: false, cpuset: false, blockWeight: false,
        blockThrottle: false, processorText: "", memoryNodeText: "")
}

/// What the engine says against it; nil: nothing.
func refusalText(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return (error as? EngineError)?.message ?? "\(error)" }
    return nil
}
