// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// How the kernel schedules a thread: sched_setattr(2). Times in nanoseconds.
package struct SchedulerAttributes: Equatable, Sendable {
    /// SCHED_*
    package var policy: UInt32
    /// SCHED_FLAG_*
    package var flags: UInt64 = 0
    package var nice: Int32 = 0
    package var priority: UInt32 = 0
    package var runtime: UInt64 = 0
    package var deadline: UInt64 = 0
    package var period: UInt64 = 0

    package init(policy: UInt32) { self.policy = policy }
}

/// A set of small numbers, as the kernel takes CPUs and memory nodes: one bit each.
package struct BitMask: Equatable, Sendable {
    /// Whole 64-bit words, least significant bit first.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func insert(_ number: Int) {
        let needed = (number / 64 + 1) * 8
        if bytes.count < needed { bytes += [UInt8](repeating: 0, count: needed - bytes.count) }
        bytes[number / 8] |= 1 << UInt8(number % 8)
    }

    package var isEmpty: Bool { bytes.isEmpty }
}

extension CurrentProcess {
    package static func setScheduler(_ attributes: SchedulerAttributes) throws(Errno) {
        let result = wharf_sched_setattr(
            attributes.policy, attributes.flags, attributes.nice, attributes.priority, attributes.runtime,
            attributes.deadline, attributes.period)
        guard result == 0 else { throw .last("sched_setattr") }
    }

    /// The CPUs this process may run on.
    package static func setAffinity(_ cpus: BitMask) throws(Errno) {
        let result = cpus.bytes.withUnsafeBufferPointer { wharf_sched_setaffinity($0.baseAddress, $0.count) }
        guard result == 0 else { throw .last("sched_setaffinity") }
    }

    /// set_mempolicy(2): `mode` with its flags.
    package static func setMemoryPolicy(_ mode: Int32, nodes: BitMask) throws(Errno) {
        // The kernel takes one bit less than it is told.
        let bits = nodes.isEmpty ? 0 : UInt(nodes.bytes.count * 8 + 1)
        let result = nodes.bytes.withUnsafeBufferPointer { wharf_set_mempolicy(mode, $0.baseAddress, bits) }
        guard result == 0 else { throw .last("set_mempolicy") }
    }
}
