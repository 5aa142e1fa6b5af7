// SPDX-License-Identifier: Apache-2.0

extension RuntimeSpec {
    /// What runs, as whom, where (config.md#process). `exec` uses the same type.
    public struct Process: Codable, Sendable, Equatable {
        public var terminal: Bool?
        public var consoleSize: ConsoleSize?
        public var user: User?
        public var args: [String]?
        public var env: [String]?
        /// Absolute, inside the container.
        public var cwd: String
        public var capabilities: Capabilities?
        public var rlimits: [ResourceLimit]?
        public var noNewPrivileges: Bool?
        public var apparmorProfile: String?
        public var oomScoreAdj: Int?
        public var scheduler: Scheduler?
        public var selinuxLabel: String?
        public var ioPriority: IOPriority?
        public var execCPUAffinity: CPUAffinity?

        public init(args: [String], cwd: String = "/") {
            self.args = args
            self.cwd = cwd
        }
    }

    /// Characters, not pixels.
    public struct ConsoleSize: Codable, Sendable, Equatable {
        public var height: UInt32
        public var width: UInt32

        public init(height: UInt32, width: UInt32) {
            self.height = height
            self.width = width
        }
    }

    /// Numeric ids; names were resolved before.
    public struct User: Codable, Sendable, Equatable {
        public var uid: UInt32
        public var gid: UInt32
        public var umask: UInt32?
        public var additionalGids: [UInt32]?

        public init(uid: UInt32 = 0, gid: UInt32 = 0, additionalGids: [UInt32]? = nil) {
            self.uid = uid
            self.gid = gid
            self.additionalGids = additionalGids
        }
    }

    /// The five sets of capabilities(7), by name: `CAP_NET_BIND_SERVICE`.
    public struct Capabilities: Codable, Sendable, Equatable {
        public var bounding: [String]?
        public var effective: [String]?
        public var inheritable: [String]?
        public var permitted: [String]?
        public var ambient: [String]?

        public init(
            bounding: [String]? = nil, effective: [String]? = nil, inheritable: [String]? = nil,
            permitted: [String]? = nil, ambient: [String]? = nil
        ) {
            self.bounding = bounding
            self.effective = effective
            self.inheritable = inheritable
            self.permitted = permitted
            self.ambient = ambient
        }
    }

    /// One limit of setrlimit(2): `RLIMIT_NOFILE`. `UInt64.max` means none.
    public struct ResourceLimit: Codable, Sendable, Equatable {
        public var type: String
        public var hard: UInt64
        public var soft: UInt64

        public init(type: String, hard: UInt64, soft: UInt64) {
            self.type = type
            self.hard = hard
            self.soft = soft
        }
    }

    /// sched_setattr(2).
    public struct Scheduler: Codable, Sendable, Equatable {
        public var policy: String
        public var nice: Int32?
        public var priority: Int32?
        public var flags: [String]?
        /// Nanoseconds, as the other two.
        public var runtime: UInt64?
        public var deadline: UInt64?
        public var period: UInt64?

        public init(policy: String) { self.policy = policy }
    }

    /// ioprio_set(2).
    public struct IOPriority: Codable, Sendable, Equatable {
        public var `class`: String
        public var priority: Int?

        public init(class: String, priority: Int? = nil) {
            self.class = `class`
            self.priority = priority
        }
    }

    /// CPU lists (`0-3,7`) for a process that enters the container.
    public struct CPUAffinity: Codable, Sendable, Equatable {
        public var initial: String?
        public var final: String?

        public init(initial: String? = nil, final: String? = nil) {
            self.initial = initial
            self.final = final
        }
    }
}
