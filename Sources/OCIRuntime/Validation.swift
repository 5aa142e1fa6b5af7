// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import OCI

/// Checks of a specification's values that have no other place: each error names the field and says what it must be.
enum Validation {
    static func check(_ spec: RuntimeSpec) throws(RuntimeError) {
        try version(spec.ociVersion)
        if let root = spec.root { try require(!root.path.isEmpty, "root.path must not be empty") }
        for (field, name) in [("hostname", spec.hostname), ("domainname", spec.domainname)] {
            try require(name?.utf8.count ?? 0 <= 64, "\(field) must have at most 64 bytes")
        }
        for (index, mount) in (spec.mounts ?? []).enumerated() {
            try require(
                mount.destination.split(separator: "/").contains { $0 != "." && $0 != ".." },
                "mounts[\(index)].destination: \"\(mount.destination)\" must be a path below the root: a mount can't be the root"
            )
        }
        if let hooks = spec.hooks { try check(hooks) }
        try require(spec.annotations?.keys.contains("") != true, "annotations must not have an empty key")
    }

    static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(RuntimeError) {
        guard condition else { throw RuntimeError(.invalid, message()) }
    }

    /// A version of the specification that this runtime knows (config.md#specification-version).
    private static func version(_ text: String) throws(RuntimeError) {
        let core = text.split(separator: "+", maxSplits: 1)[...].first?.split(separator: "-", maxSplits: 1).first ?? ""
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        let isVersion =
            parts.count == 3 && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
        guard isVersion, parts.first == "1" else {
            throw RuntimeError(.unsupported, "ociVersion \"\(text)\" is not supported: it must be 1.x.y")
        }
    }

    private static func check(_ hooks: RuntimeSpec.Hooks) throws(RuntimeError) {
        let all = [
            ("prestart", hooks.prestart), ("createRuntime", hooks.createRuntime),
            ("createContainer", hooks.createContainer), ("startContainer", hooks.startContainer),
            ("poststart", hooks.poststart), ("poststop", hooks.poststop),
        ]
        for (kind, list) in all {
            for (index, hook) in (list ?? []).enumerated() {
                let field = "hooks.\(kind)[\(index)]"
                try require(hook.path.hasPrefix("/"), "\(field).path: \"\(hook.path)\" must be an absolute path")
                try require(hook.timeout ?? 1 > 0, "\(field).timeout must be greater than 0")
            }
        }
    }

    /// Also for `exec`.
    static func check(_ process: RuntimeSpec.Process) throws(RuntimeError) {
        guard let program = process.args?.first else { throw RuntimeError(.invalid, "process.args must not be empty") }
        try require(!program.isEmpty, "process.args[0] must name a program")
        try require(process.cwd.hasPrefix("/"), "process.cwd must be an absolute path")
        for (index, entry) in (process.env ?? []).enumerated() {
            let equals = entry.utf8.firstIndex(of: UInt8(ascii: "="))
            try require(
                equals != nil && equals != entry.utf8.startIndex,
                "process.env[\(index)]: \"\(entry)\" must be NAME=value")
        }
        if let user = process.user { try check(user) }
        if let adjustment = process.oomScoreAdj {
            try require(
                (-1000...1000).contains(adjustment), "process.oomScoreAdj: \(adjustment) must be from -1000 to 1000")
        }
        var types: Set<String> = []
        for (index, limit) in (process.rlimits ?? []).enumerated() {
            let field = "process.rlimits[\(index)]"
            try require(ResourceLimits.isKnown(limit.type), "\(field).type: unknown resource limit \"\(limit.type)\"")
            try require(types.insert(limit.type).inserted, "\(field).type: \(limit.type) is there twice")
            try require(
                limit.soft <= limit.hard, "\(field).soft: \(limit.soft) must not be more than hard, \(limit.hard)")
        }
    }

    private static func check(_ user: RuntimeSpec.User) throws(RuntimeError) {
        try require(user.umask ?? 0 <= 0o777, "process.user.umask must be from 0 to 511 (0777)")
        // To the kernel this one means "leave as it is".
        try require(user.uid != .max, "process.user.uid must be less than 4294967295")
        try require(user.gid != .max, "process.user.gid must be less than 4294967295")
        for (index, gid) in (user.additionalGids ?? []).enumerated() {
            try require(gid != .max, "process.user.additionalGids[\(index)] must be less than 4294967295")
        }
    }

    static func check(_ linux: RuntimeSpec.Linux, _ namespaces: NamespacePlan) throws(RuntimeError) {
        for (index, device) in (linux.devices ?? []).enumerated() {
            let names = device.path.split(separator: "/")
            try require(
                device.path.hasPrefix("/") && !names.isEmpty && !names.contains("..") && names.last != ".",
                "linux.devices[\(index)].path: \"\(device.path)\" must be an absolute path without \"..\"")
            _ = try Devices.identity(device, "linux.devices[\(index)]")
        }
        for (field, paths) in [("maskedPaths", linux.maskedPaths), ("readonlyPaths", linux.readonlyPaths)] {
            for (index, path) in (paths ?? []).enumerated() {
                try require(path.hasPrefix("/"), "linux.\(field)[\(index)]: \"\(path)\" must be an absolute path")
            }
        }
        for name in (linux.sysctl ?? [:]).keys.sorted() { _ = try Sysctls.file(name, namespaces: namespaces) }
        try NetDevices.check(linux.netDevices ?? [:], namespaces)
        if let resources = linux.resources {
            if let pids = resources.pids { try require(pids.limit != nil, "linux.resources.pids.limit is missing") }
            try ResourceValidation.check(resources)
        }
    }

    /// The first string or key with a NUL byte, which ends a string for the kernel: the member it is in.
    static func memberWithNUL(_ value: JSONValue, _ path: String = "") -> String? {
        switch value {
        case .string(let text): return text.utf8.contains(0) ? path : nil
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                if let found = memberWithNUL(element, "\(path)[\(index)]") { return found }
            }
            return nil
        case .object(let object):
            for (key, element) in object.members {
                if key.utf8.contains(0) { return path.isEmpty ? "a member's name" : "\(path): a member's name" }
                if let found = memberWithNUL(element, path.isEmpty ? key : "\(path).\(key)") { return found }
            }
            return nil
        default: return nil
        }
    }
}

/// `linux.resources`.
enum ResourceValidation {
    private static let field = "linux.resources"

    static func check(_ resources: RuntimeSpec.Resources) throws(RuntimeError) {
        for (index, rule) in (resources.devices ?? []).enumerated() {
            let name = "\(field).devices[\(index)]"
            try Validation.require(
                ["a", "b", "c", "u"].contains(rule.type ?? "a"),
                "\(name).type: \"\(rule.type ?? "")\" must be a, b or c")
            try Validation.require(
                (rule.access ?? "").allSatisfy { "rwm".contains($0) },
                "\(name).access: \"\(rule.access ?? "")\" must be made of r, w and m")
            for (member, number) in [("major", rule.major), ("minor", rule.minor)] {
                try Validation.require(
                    (-1...Int64(UInt32.max)).contains(number ?? -1), "\(name).\(member) must be from -1 to 4294967295")
            }
        }
        if let memory = resources.memory {
            for (member, bytes) in [
                ("limit", memory.limit), ("reservation", memory.reservation), ("swap", memory.swap),
                ("kernelTCP", memory.kernelTCP),
            ] {
                try Validation.require(bytes ?? 0 >= -1, "\(field).memory.\(member) must be -1 (no limit) or more")
            }
            try Validation.require(memory.swappiness ?? 0 <= 100, "\(field).memory.swappiness must be from 0 to 100")
            if let limit = memory.limit, let swap = memory.swap, swap > 0, limit > 0 {
                try Validation.require(
                    swap >= limit,
                    "\(field).memory.swap: \(swap) must not be less than limit, \(limit), which it contains")
            }
        }
        if let cpu = resources.cpu { try check(cpu) }
        try Validation.require(resources.pids?.limit ?? 0 >= -1, "\(field).pids.limit must be -1 (no limit) or more")
        if let weight = resources.blockIO?.weight, weight != 0 {
            try Validation.require((10...1000).contains(weight), "\(field).blockIO.weight must be from 10 to 1000")
        }
        for (index, limit) in (resources.hugepageLimits ?? []).enumerated() {
            try Validation.require(
                isPageSize(limit.pageSize),
                "\(field).hugepageLimits[\(index)].pageSize: \"\(limit.pageSize)\" must be a number and KB, MB or GB")
        }
        for name in (resources.unified ?? [:]).keys.sorted() {
            try Validation.require(
                !name.isEmpty && !name.contains("/") && name.contains("."),
                "\(field).unified: \"\(name)\" must be a file of cgroup v2 like memory.high")
        }
    }

    private static func check(_ cpu: RuntimeSpec.CPU) throws(RuntimeError) {
        try Validation.require(cpu.quota ?? 0 >= -1, "\(field).cpu.quota must be -1 (no limit) or more")
        try Validation.require(cpu.idle ?? 0 >= 0 && cpu.idle ?? 0 <= 1, "\(field).cpu.idle must be 0 or 1")
        for (member, list) in [("cpus", cpu.cpus), ("mems", cpu.mems)] {
            if let list, !list.isEmpty { _ = try NumberList.parse(list, "\(field).cpu.\(member)") }
        }
    }

    private static func isPageSize(_ text: String) -> Bool {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && !digits.hasPrefix("0") && ["KB", "MB", "GB"].contains(text.dropFirst(digits.count))
    }
}
