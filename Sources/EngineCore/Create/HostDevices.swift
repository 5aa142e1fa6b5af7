// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Glibc
internal import Linux
internal import OCI

/// Device nodes of the host: those that a container was given, and for privileged ones all there are.
struct HostDevices: Sendable {
    /// Nodes to make in the container.
    var nodes: [RuntimeSpec.Device] = []
    /// What is allowed beyond the default rules.
    var rules: [RuntimeSpec.DeviceRule] = []
    /// Numbers of the block devices whose I/O is weighted or limited, by path.
    var blocks: [String: BlockNumber] = [:]

    struct BlockNumber: Sendable, Equatable {
        var major: Int64
        var minor: Int64
    }

    private static let skipped: Set<String> = [
        "pts", "shm", "fd", "mqueue", "console", ".lxc", ".lxd-mounts", ".udev", "core",
    ]

    /// Looks up what the configuration names. Blocking.
    static func resolve(_ host: HostConfig) throws(EngineError) -> HostDevices {
        var result = HostDevices()
        if host.privileged { result.nodes = all() }
        for mapping in host.devices ?? [] { try result.add(mapping, privileged: host.privileged) }
        if !host.privileged {
            for text in host.deviceCgroupRules ?? [] { result.rules.append(try DeviceRuleText.parse(text)) }
        }
        var paths = (host.blkioWeightDevice ?? []).map(\.path)
        for list in [
            host.blkioDeviceReadBps, host.blkioDeviceWriteBps, host.blkioDeviceReadIOps, host.blkioDeviceWriteIOps,
        ] { paths += (list ?? []).map(\.path) }
        for path in paths { result.blocks[path] = try block(path) }
        return result
    }

    private static func block(_ path: String) throws(EngineError) -> BlockNumber {
        do throws(Errno) {
            let status = try FileDescriptor.open(path, O_PATH).status()
            return BlockNumber(major: Int64(status.major), minor: Int64(status.minor))
        } catch { throw EngineError(.system, "stat \(path): \(error.code)", cause: error) }
    }

    /// Adds one `--device`: a node, through symbolic links, or all nodes below a directory.
    private mutating func add(_ mapping: DeviceMapping, privileged: Bool) throws(EngineError) {
        let path = mapping.pathOnHost
        let target = mapping.pathInContainer.isEmpty ? path : mapping.pathInContainer
        // It is there already.
        if privileged, target == path { return }
        let access = privileged || mapping.cgroupPermissions.isEmpty ? "rwm" : mapping.cgroupPermissions
        guard access.allSatisfy("rwm".contains) else {
            throw EngineError(
                .invalidParameter, "invalid permissions \"\(access)\" of device \"\(path)\": letters of \"rwm\"")
        }
        func failure(_ why: String) -> EngineError {
            EngineError(
                .system, "error gathering device information while adding custom device \"\(path)\": \(why)")
        }
        do throws(Errno) {
            let file = try FileDescriptor.open(path, O_PATH)
            let status = try file.status()
            var found: [RuntimeSpec.Device] = []
            if let node = Self.node(status, at: target) {
                found = [node]
            } else if status.isDirectory {
                Self.collect(file, target, depth: 1, into: &found)
            }
            guard !found.isEmpty else { throw Errno(.invalidArgument, "device") }
            nodes += found
            if privileged { return }
            rules += found.map {
                .init(allow: true, type: $0.type, major: $0.major, minor: $0.minor, access: access)
            }
        } catch { throw failure(error.code == .invalidArgument ? "not a device node" : "\(error.code)") }
    }

    private static func node(_ status: FileStatus, at path: String) -> RuntimeSpec.Device? {
        guard status.isCharacterDevice || status.isBlockDevice else { return nil }
        return .init(
            type: status.isBlockDevice ? "b" : "c", path: path, major: Int64(status.major), minor: Int64(status.minor),
            fileMode: status.mode & 0o7777, uid: status.uid, gid: status.gid)
    }

    /// All of /dev. Blocking. What can't be read is left out.
    static func all() -> [RuntimeSpec.Device] {
        guard let root = try? FileDescriptor.open("/dev", O_RDONLY | O_DIRECTORY) else { return [] }
        var result: [RuntimeSpec.Device] = []
        collect(root, "/dev", depth: 0, into: &result)
        return result
    }

    private static func collect(
        _ directory: borrowing FileDescriptor, _ path: String, depth: Int, into result: inout [RuntimeSpec.Device]
    ) {
        guard depth < 8, let entries = try? directory.entries() else { return }
        for entry in entries where depth > 0 || !skipped.contains(entry.name.description) {
            guard let file = try? directory.openAt(entry.name, O_PATH | O_NOFOLLOW),
                let status = try? file.status()
            else { continue }
            let name = "\(path)/\(entry.name)"
            if status.isDirectory {
                collect(file, name, depth: depth + 1, into: &result)
            } else if let node = node(status, at: name) {
                result.append(node)
            }
        }
    }
}

/// `c 42:* rmw`: a rule of `--device-cgroup-rule`.
enum DeviceRuleText {
    static func parse(_ text: String) throws(EngineError) -> RuntimeSpec.DeviceRule {
        let invalid = EngineError(.invalidParameter, "invalid device cgroup rule format: '\(text)'")
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, ["a", "b", "c"].contains(parts[0]), (1...3).contains(parts[2].utf8.count),
            parts[2].allSatisfy({ "rwm".contains($0) })
        else { throw invalid }
        let numbers = parts[1].split(separator: ":", omittingEmptySubsequences: false)
        guard numbers.count == 2 else { throw invalid }
        var rule = RuntimeSpec.DeviceRule(allow: true, type: String(parts[0]), access: String(parts[2]))
        rule.major = try number(numbers[0], else: invalid)
        rule.minor = try number(numbers[1], else: invalid)
        return rule
    }

    /// nil: any.
    private static func number(_ text: Substring, else invalid: EngineError) throws(EngineError) -> Int64? {
        if text == "*" { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt32(text) else {
            throw invalid
        }
        return Int64(value)
    }
}
