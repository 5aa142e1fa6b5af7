// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import OCI

/// `--ulimit` as the runtime specification has it.
enum ResourceLimits {
    private static let names: Set<String> = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime", "sigpending", "stack",
    ]

    static func limit(_ ulimit: Ulimit) throws(EngineError) -> RuntimeSpec.ResourceLimit {
        guard names.contains(ulimit.name) else {
            throw EngineError(.invalidParameter, "invalid ulimit type: \(ulimit.name)")
        }
        let hard = UInt64(bitPattern: ulimit.hard)
        let soft = UInt64(bitPattern: ulimit.soft)
        guard soft <= hard else {
            throw EngineError(
                .invalidParameter,
                "ulimit soft limit must be less than or equal to hard limit: \(ulimit.soft) > \(ulimit.hard)")
        }
        return .init(type: "RLIMIT_" + ulimit.name.uppercased(), hard: hard, soft: soft)
    }
}
