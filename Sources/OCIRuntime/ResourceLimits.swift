// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCI

/// setrlimit(2) for `process.rlimits`.
enum ResourceLimits {
    private static let numbers: [String: Int32] = [
        "RLIMIT_CPU": 0, "RLIMIT_FSIZE": 1, "RLIMIT_DATA": 2, "RLIMIT_STACK": 3, "RLIMIT_CORE": 4, "RLIMIT_RSS": 5,
        "RLIMIT_NPROC": 6, "RLIMIT_NOFILE": 7, "RLIMIT_MEMLOCK": 8, "RLIMIT_AS": 9, "RLIMIT_LOCKS": 10,
        "RLIMIT_SIGPENDING": 11, "RLIMIT_MSGQUEUE": 12, "RLIMIT_NICE": 13, "RLIMIT_RTPRIO": 14, "RLIMIT_RTTIME": 15,
    ]

    static func isKnown(_ name: String) -> Bool { numbers[name] != nil }

    /// Raising a hard limit needs CAP_SYS_RESOURCE, which even root may lack: that is an error only when it is asked.
    static func apply(_ limits: [RuntimeSpec.ResourceLimit]) throws(RuntimeError) {
        for limit in limits {
            guard let number = numbers[limit.type] else {
                throw RuntimeError(.invalid, "unknown resource limit \"\(limit.type)\"")
            }
            try step("setting \(limit.type) to \(limit.soft):\(limit.hard)") { () throws(Errno) in
                try CurrentProcess.setResourceLimit(number, soft: limit.soft, hard: limit.hard)
            }
        }
    }
}
