// SPDX-License-Identifier: Apache-2.0

/// What a group uses, in the shape of `runc events --stats`: zero counts that runc leaves out are nil.
package struct CgroupStatistics: Encodable, Sendable, Equatable {
    package var cpu = CPU()
    package var cpuset = CPUSet()
    package var memory = Memory()
    package var pids = Pids()
    package var blkio = BlockIO()
    package var hugetlb: [String: Usage] = [:]
    package var intelRdt: [String: String] = [:]

    /// Nanoseconds.
    package struct CPU: Encodable, Sendable, Equatable {
        package var usage = CPUUsage()
        package var throttling = Throttling()
    }

    package struct CPUUsage: Encodable, Sendable, Equatable {
        package var total: UInt64 = 0
        package var percpu: [UInt64]?
        package var percpuKernel: [UInt64]?
        package var percpuUser: [UInt64]?
        package var kernel: UInt64 = 0
        package var user: UInt64 = 0

        enum CodingKeys: String, CodingKey {
            case total, percpu, kernel, user
            case percpuKernel = "percpu_kernel"
            case percpuUser = "percpu_user"
        }
    }

    package struct Throttling: Encodable, Sendable, Equatable {
        package var periods: UInt64?
        package var throttledPeriods: UInt64?
        package var throttledTime: UInt64?
    }

    package struct CPUSet: Encodable, Sendable, Equatable {
        package var cpus: [UInt16]?
        package var exclusiveCPUs: UInt64 = 0
        package var mems: [UInt16]?
        package var hardwall: UInt64 = 0
        package var exclusiveNodes: UInt64 = 0
        package var migrate: UInt64 = 0
        package var spreadPage: UInt64 = 0
        package var spreadSlab: UInt64 = 0
        package var pressure: UInt64 = 0
        package var loadBalance: UInt64 = 0
        package var relaxDomainLevel: Int64 = 0

        enum CodingKeys: String, CodingKey {
            case cpus, mems
            case exclusiveCPUs = "cpu_exclusive"
            case hardwall = "mem_hardwall"
            case exclusiveNodes = "mem_exclusive"
            case migrate = "memory_migrate"
            case spreadPage = "memory_spread_page"
            case spreadSlab = "memory_spread_slab"
            case pressure = "memory_pressure"
            case loadBalance = "sched_load_balance"
            case relaxDomainLevel = "sched_relax_domain_level"
        }
    }

    /// Bytes; no limit is the greatest number there is.
    package struct Usage: Encodable, Sendable, Equatable {
        package var limit: UInt64?
        package var usage: UInt64?
        package var max: UInt64?
        package var failcnt: UInt64 = 0
    }

    package struct Memory: Encodable, Sendable, Equatable {
        package var cache: UInt64?
        package var usage = Usage(limit: 0)
        package var swap = Usage(limit: 0)
        package var kernel = Usage(limit: 0)
        package var kernelTCP = Usage(limit: 0)
        /// memory.stat.
        package var raw: [String: UInt64] = [:]
    }

    package struct Pids: Encodable, Sendable, Equatable {
        package var current: UInt64?
        package var limit: UInt64?
    }

    package struct BlockIO: Encodable, Sendable, Equatable {
        package var ioServiceBytesRecursive: [BlockIOEntry]?
        package var ioServicedRecursive: [BlockIOEntry]?
    }

    package struct BlockIOEntry: Encodable, Sendable, Equatable {
        package var major: UInt64?
        package var minor: UInt64?
        package var op: String?
        package var value: UInt64?
    }

    enum CodingKeys: String, CodingKey {
        case cpu, cpuset, memory, pids, blkio, hugetlb
        case intelRdt = "intel_rdt"
    }
}

extension UInt64 {
    /// As Go's `omitempty`.
    var nonzero: UInt64? { self == 0 ? nil : self }
}
