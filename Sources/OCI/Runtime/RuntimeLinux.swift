// SPDX-License-Identifier: Apache-2.0

extension RuntimeSpec {
    /// The Linux section (config-linux.md).
    public struct Linux: Codable, Sendable, Equatable {
        public var namespaces: [Namespace]?
        public var uidMappings: [IDMapping]?
        public var gidMappings: [IDMapping]?
        public var timeOffsets: [String: TimeOffset]?
        public var devices: [Device]?
        public var netDevices: [String: NetDevice]?
        /// Absolute; below each hierarchy's root (cgroupfs), or `slice:prefix:name` (systemd).
        public var cgroupsPath: String?
        public var resources: Resources?
        public var rootfsPropagation: String?
        public var seccomp: Seccomp?
        public var sysctl: [String: String]?
        public var maskedPaths: [String]?
        public var readonlyPaths: [String]?
        public var mountLabel: String?
        public var intelRdt: IntelRdt?
        public var memoryPolicy: MemoryPolicy?
        public var personality: Personality?

        public init() {}
    }

    /// A namespace to make, or with `path` to join.
    public struct Namespace: Codable, Sendable, Equatable {
        public var type: Kind
        public var path: String?

        public init(_ type: Kind, path: String? = nil) {
            self.type = type
            self.path = path
        }

        /// The specification's names.
        public enum Kind: String, Codable, Sendable, CaseIterable {
            case pid, network, mount, ipc, uts, user, cgroup, time

            public init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                let name = try container.decode(String.self)
                guard let kind = Kind(rawValue: name) else {
                    let names = Kind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw DecodingError.dataCorruptedError(
                        in: container, debugDescription: "\"\(name)\" must be one of \(names)")
                }
                self = kind
            }
        }
    }

    /// An offset of a clock in a time namespace.
    public struct TimeOffset: Codable, Sendable, Equatable {
        public var secs: Int64?
        public var nanosecs: UInt32?

        public init(secs: Int64? = nil, nanosecs: UInt32? = nil) {
            self.secs = secs
            self.nanosecs = nanosecs
        }
    }

    /// A device node to make. `type` is `c`, `b`, `u` or `p`; `fileMode` is permission bits.
    public struct Device: Codable, Sendable, Equatable {
        public var type: String
        public var path: String
        public var major: Int64?
        public var minor: Int64?
        public var fileMode: UInt32?
        public var uid: UInt32?
        public var gid: UInt32?

        public init(
            type: String, path: String, major: Int64? = nil, minor: Int64? = nil, fileMode: UInt32? = nil,
            uid: UInt32? = nil, gid: UInt32? = nil
        ) {
            self.type = type
            self.path = path
            self.major = major
            self.minor = minor
            self.fileMode = fileMode
            self.uid = uid
            self.gid = gid
        }
    }

    /// A network interface to move in, and its new name.
    public struct NetDevice: Codable, Sendable, Equatable {
        public var name: String?

        public init(name: String? = nil) { self.name = name }
    }

    /// L3 cache and bandwidth allocation; refused where the hardware is absent.
    public struct IntelRdt: Codable, Sendable, Equatable {
        public var closID: String?
        public var schemata: [String]?
        public var l3CacheSchema: String?
        public var memBwSchema: String?
        public var enableMonitoring: Bool?

        public init(closID: String? = nil) { self.closID = closID }
    }

    /// set_mempolicy(2).
    public struct MemoryPolicy: Codable, Sendable, Equatable {
        public var mode: String?
        public var nodes: String?
        public var flags: [String]?

        public init(mode: String, nodes: String? = nil, flags: [String]? = nil) {
            self.mode = mode
            self.nodes = nodes
            self.flags = flags
        }
    }

    /// personality(2).
    public struct Personality: Codable, Sendable, Equatable {
        public var domain: String
        public var flags: [String]?

        public init(domain: String) { self.domain = domain }
    }

    /// The system call filter (config-linux.md#seccomp).
    public struct Seccomp: Codable, Sendable, Equatable {
        public var defaultAction: String
        public var defaultErrnoRet: UInt32?
        public var architectures: [String]?
        public var flags: [String]?
        public var listenerPath: String?
        public var listenerMetadata: String?
        public var syscalls: [SyscallRule]?

        public init(defaultAction: String) { self.defaultAction = defaultAction }
    }

    /// One rule of a filter: all of `names`, when all of `args` match.
    public struct SyscallRule: Codable, Sendable, Equatable {
        public var names: [String]
        public var action: String
        public var errnoRet: UInt32?
        public var args: [SyscallArgument]?

        public init(names: [String], action: String, errnoRet: UInt32? = nil, args: [SyscallArgument]? = nil) {
            self.names = names
            self.action = action
            self.errnoRet = errnoRet
            self.args = args
        }
    }

    /// A comparison of one argument: `op` is `SCMP_CMP_EQ` and so on.
    public struct SyscallArgument: Codable, Sendable, Equatable {
        public var index: UInt32
        public var value: UInt64
        public var valueTwo: UInt64?
        public var op: String

        public init(index: UInt32, value: UInt64, valueTwo: UInt64? = nil, op: String) {
            self.index = index
            self.value = value
            self.valueTwo = valueTwo
            self.op = op
        }
    }
}
