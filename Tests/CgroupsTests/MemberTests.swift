// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Cgroups
@testable import OCI

/// Limits that no group can have are refused by name, before anything is written.
@Suite struct MemberTests {
    private static func resources(_ change: (inout RuntimeSpec.Resources) -> Void) -> RuntimeSpec.Resources {
        var resources = RuntimeSpec.Resources()
        change(&resources)
        return resources
    }

    private static let refused: [(RuntimeSpec.Resources, String)] = [
        (
            resources {
                var memory = RuntimeSpec.Memory()
                memory.useHierarchy = false
                $0.memory = memory
            }, "linux.resources.memory.useHierarchy"
        ),
        (
            resources {
                var memory = RuntimeSpec.Memory()
                memory.kernel = 1 << 20
                $0.memory = memory
            }, "linux.resources.memory.kernel"
        ),
        (
            resources {
                var block = RuntimeSpec.BlockIO()
                block.leafWeight = 100
                $0.blockIO = block
            }, "linux.resources.blockIO.leafWeight"
        ),
        (
            resources {
                var block = RuntimeSpec.BlockIO()
                block.weightDevice = [.init(major: 8, minor: 0, leafWeight: 100)]
                $0.blockIO = block
            }, "linux.resources.blockIO.weightDevice.leafWeight"
        ),
    ]

    @Test func rdmaLimitsAreOneLine() {
        #expect(
            RuntimeSpec.RDMA(hcaHandles: 2, hcaObjects: 2000).cgroupText("mlx4_0")
                == "mlx4_0 hca_handle=2 hca_object=2000")
        #expect(RuntimeSpec.RDMA(hcaObjects: 7).cgroupText("ocrdma1") == "ocrdma1 hca_object=7")
    }

    @Test func subgroupsAreOfOneControllerOrAll() throws {
        let groups = try Subgroups(["cpu,memory:a/b", "/rest"])
        #expect(groups.path(of: "memory") == "/a/b" && groups.path(of: "pids") == "/rest")
        #expect(try Subgroups([]).path(of: "pids") == "")
        #expect(throws: CgroupError.self) { try Subgroups(["a/../../b"]) }
    }

    @Test func refusesByName() {
        for (resources, name) in Self.refused {
            let first = #expect(throws: CgroupError.self) {
                try CgroupV1(path: "/x", root: "/nonexistent").apply(resources)
            }
            let second = #expect(throws: CgroupError.self) {
                try CgroupV2(path: "/x", root: "/nonexistent").apply(resources)
            }
            for error in [first, second] { #expect("\(error.map { "\($0)" } ?? "")".contains(name), "\(name)") }
        }
    }
}
