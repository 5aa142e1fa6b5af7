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
        (resources { $0.rdma = ["mlx": .init()] }, "linux.resources.rdma"),
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
