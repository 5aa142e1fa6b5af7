// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON

/// What of a create request Wharf can do: one entry per member of the wire types, so that nothing is silently ignored.
///
/// A member with its default value (null, "", 0, false, or a collection of such) always passes: clients send them all.
enum Refusals {
    enum Rule: Equatable {
        /// Done; its value is checked where it is used.
        case supported
        /// Only the client uses it; the daemon keeps it for `inspect`.
        case clientOnly
        /// Refused with any other than these values, which mean the default.
        case only([JSONValue])
        /// Refused, named by the command line's flag, where there is one.
        case refused(String)
    }

    static let hostConfig: [String: Rule] = [
        "Binds": .supported, "ContainerIDFile": .clientOnly, "LogConfig": .supported, "NetworkMode": .supported,
        "PortBindings": .supported, "RestartPolicy": .supported, "AutoRemove": .supported,
        "VolumeDriver": .supported, "VolumesFrom": .supported,
        "ConsoleSize": .supported, "Annotations": .supported, "CapAdd": .supported,
        "CapDrop": .supported, "CgroupnsMode": .supported, "Dns": .supported,
        "DnsOptions": .supported, "DnsSearch": .supported,
        "ExtraHosts": .supported, "GroupAdd": .supported,
        "IpcMode": .supported, "Cgroup": .refused("Cgroup"),
        "Links": .refused("--link"),
        "OomScoreAdj": .supported, "PidMode": .supported, "Privileged": .supported,
        "PublishAllPorts": .supported, "ReadonlyRootfs": .supported, "SecurityOpt": .supported,
        "StorageOpt": .refused("--storage-opt, the overlayfs driver limits no sizes"), "Tmpfs": .supported,
        "UTSMode": .supported,
        "UsernsMode": .supported, "ShmSize": .supported, "Sysctls": .supported,
        "Runtime": .supported, "Isolation": .only([.string("default")]), "CpuShares": .supported,
        "Memory": .supported, "NanoCpus": .supported, "CgroupParent": .supported,
        "BlkioWeight": .supported, "BlkioWeightDevice": .supported,
        "BlkioDeviceReadBps": .supported, "BlkioDeviceWriteBps": .supported,
        "BlkioDeviceReadIOps": .supported, "BlkioDeviceWriteIOps": .supported,
        "CpuPeriod": .supported, "CpuQuota": .supported, "CpuRealtimePeriod": .supported,
        "CpuRealtimeRuntime": .supported, "CpusetCpus": .supported,
        "CpusetMems": .supported, "Devices": .supported,
        "DeviceCgroupRules": .supported, "DeviceRequests": .supported,
        "KernelMemory": .supported, "KernelMemoryTCP": .supported,
        "MemoryReservation": .supported, "MemorySwap": .supported,
        "MemorySwappiness": .supported, "OomKillDisable": .supported,
        "PidsLimit": .supported, "Ulimits": .supported, "CpuCount": .refused("CpuCount (Windows)"),
        "CpuPercent": .refused("CpuPercent (Windows)"), "IOMaximumIOps": .refused("IOMaximumIOps (Windows)"),
        "IOMaximumBandwidth": .refused("IOMaximumBandwidth (Windows)"), "Mounts": .supported,
        "MaskedPaths": .supported, "ReadonlyPaths": .supported, "Init": .supported,
    ]

    static let config: [String: Rule] = [
        "Hostname": .supported, "Domainname": .supported, "User": .supported, "AttachStdin": .clientOnly,
        "AttachStdout": .clientOnly, "AttachStderr": .clientOnly, "ExposedPorts": .supported, "Tty": .supported,
        "OpenStdin": .supported, "StdinOnce": .supported, "Env": .supported, "Cmd": .supported,
        "Healthcheck": .supported, "ArgsEscaped": .refused("ArgsEscaped (Windows)"), "Image": .supported,
        "Volumes": .supported, "WorkingDir": .supported, "Entrypoint": .supported,
        "NetworkDisabled": .refused("NetworkDisabled"), "MacAddress": .refused("--mac-address"),
        "OnBuild": .clientOnly, "Labels": .supported, "StopSignal": .supported, "StopTimeout": .supported,
        "Shell": .clientOnly,
    ]

    /// Throws for the first member of `value` that is set and can't be done.
    static func check(_ value: some Encodable, by rules: [String: Rule], in name: String) throws {
        guard case .object(let object) = try JSON.value(value) else { return }
        for (key, value) in object.members where !isDefault(value) {
            switch rules[key] {
            case .supported, .clientOnly: break
            case .only(let values) where values.contains(value): break
            case .refused(let flag):
                throw refusal(flag.hasPrefix("--") ? "\(name).\(key) (\(flag))" : "\(name).\(flag)")
            case .only, nil: throw refusal("\(name).\(key) \(String(decoding: value.serialized(), as: UTF8.self))")
            }
        }
    }

    static func refusal(_ what: String) -> EngineError {
        EngineError(.notImplemented, "\(what) is not implemented yet")
    }

    static func isDefault(_ value: JSONValue) -> Bool {
        switch value {
        case .null: true
        case .bool(let value): !value
        case .integer(let value): value == 0
        case .unsigned: false
        case .double(let value): value == 0
        case .string(let value): value.isEmpty
        // An empty element is one, all the same: `[{}]` asks for a device.
        case .array(let values): values.isEmpty
        case .object(let object): object.members.allSatisfy { isDefault($0.value) && !namesMatter($0.value) }
        }
    }

    /// An empty object as a map's value (`{"80/tcp": {}}`) says something by being there.
    private static func namesMatter(_ value: JSONValue) -> Bool {
        if case .object(let object) = value { object.members.isEmpty } else { false }
    }
}
