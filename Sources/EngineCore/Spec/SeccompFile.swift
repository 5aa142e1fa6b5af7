// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON
internal import OCI

/// A system call filter in Docker's format: the runtime specification's, with rules that hold for some architectures,
/// kernels and capabilities only.
struct SeccompFile {
    private let document: JSONObject

    /// Throws for what is no such file.
    init(parsing text: String) throws(EngineError) {
        do {
            guard let object = try JSON.parse(Array(text.utf8)).object else {
                throw EngineError(.invalidParameter, "not an object")
            }
            document = object
        } catch { throw Self.failure("\((error as? EngineError)?.message ?? "\(error)")") }
        // Whatever the machine: what is wrong shows now, and not at the first start.
        _ = try filter(capabilities: [], machine: "x86_64", kernel: "6.0")
    }

    private static func failure(_ why: String) -> EngineError {
        EngineError(.invalidParameter, "Decoding seccomp profile failed: \(why)")
    }

    /// The filter for a process with these capabilities, on a machine (uname(2)) with this kernel (`6.1.0-13-amd64`).
    func filter(capabilities: [String], machine: String, kernel: String) throws(EngineError) -> RuntimeSpec.Seccomp {
        guard let action = document["defaultAction"]?.string, !action.isEmpty else {
            throw Self.failure("there is no defaultAction")
        }
        var seccomp = RuntimeSpec.Seccomp(defaultAction: action)
        seccomp.defaultErrnoRet = try number(document["defaultErrnoRet"], "defaultErrnoRet").map(UInt32.init(clamping:))
        seccomp.architectures = try architectures(machine)
        seccomp.flags = try strings(document["flags"], "flags")
        seccomp.listenerPath = document["listenerPath"]?.string
        seccomp.listenerMetadata = document["listenerMetadata"]?.string
        let conditions = Conditions(
            capabilities: Set(capabilities), architecture: Self.architecture(machine), kernel: Self.version(kernel))
        var rules: [RuntimeSpec.SyscallRule] = []
        for entry in try array(document["syscalls"], "syscalls") {
            guard let entry = entry.object else { throw Self.failure("syscalls: not an object") }
            if let rule = try rule(entry, conditions) { rules.append(rule) }
        }
        seccomp.syscalls = rules
        return seccomp
    }

    // MARK: Architectures

    /// As Go names them, which is how the format does.
    private static func architecture(_ machine: String) -> String {
        ["x86_64": "amd64", "aarch64": "arm64", "loongarch64": "loong64"][machine] ?? machine
    }

    private func architectures(_ machine: String) throws(EngineError) -> [String]? {
        let plain = try strings(document["architectures"], "architectures") ?? []
        let map = try array(document["archMap"], "archMap")
        guard plain.isEmpty || map.isEmpty else {
            throw EngineError(
                .invalidParameter,
                "'architectures' and 'archMap' were specified in the seccomp profile, use either 'architectures' or 'archMap'"
            )
        }
        if !plain.isEmpty { return plain }
        let own = SeccompProfile.architectures(machine: machine).first
        for entry in map where entry["architecture"]?.string == own {
            let others = try strings(entry["subArchitectures"], "archMap.subArchitectures") ?? []
            return [own].compactMap { $0 } + others
        }
        return nil
    }

    // MARK: Rules

    private struct Conditions {
        var capabilities: Set<String>
        var architecture: String
        var kernel: [Int]
    }

    /// nil: it does not hold here.
    private func rule(_ entry: JSONObject, _ here: Conditions) throws(EngineError) -> RuntimeSpec.SyscallRule? {
        var names = try strings(entry["names"], "syscalls.names") ?? []
        if let name = entry["name"]?.string, !name.isEmpty {
            guard names.isEmpty else {
                throw EngineError(
                    .invalidParameter,
                    "'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'")
            }
            names = [name]
        }
        guard let action = entry["action"]?.string else { throw Self.failure("syscalls: no action") }
        var rule = RuntimeSpec.SyscallRule(names: names, action: action)
        rule.errnoRet = try number(entry["errnoRet"], "errnoRet").map(UInt32.init(clamping:))
        var arguments: [RuntimeSpec.SyscallArgument] = []
        for argument in try array(entry["args"], "args") {
            guard let operation = argument["op"]?.string else { throw Self.failure("syscalls.args: no op") }
            arguments.append(
                .init(
                    index: UInt32(clamping: try number(argument["index"], "index") ?? 0),
                    value: try number(argument["value"], "value") ?? 0,
                    valueTwo: try number(argument["valueTwo"], "valueTwo"), op: operation))
        }
        if !arguments.isEmpty { rule.args = arguments }
        guard try holds(entry["includes"], here, all: true), try holds(entry["excludes"], here, all: false),
            !names.isEmpty
        else { return nil }
        return rule
    }

    /// `includes`: whether all that is named is here; `excludes`: whether none of it is.
    private func holds(_ section: JSONValue?, _ here: Conditions, all: Bool) throws(EngineError) -> Bool {
        guard let section, section != .null else { return true }
        guard section.object != nil else { throw Self.failure("includes and excludes are objects") }
        let architectures = try strings(section["arches"], "arches") ?? []
        if !architectures.isEmpty, architectures.contains(here.architecture) != all { return false }
        for capability in try strings(section["caps"], "caps") ?? [] {
            if here.capabilities.contains(capability) != all { return false }
        }
        if let least = section["minKernel"]?.string {
            let wanted = Self.version(least)
            guard !wanted.isEmpty else { throw Self.failure("invalid kernel version \"\(least)\"") }
            if !here.kernel.lexicographicallyPrecedes(wanted) != all { return false }
        }
        return true
    }

    /// The two first numbers of a version: what the kernel's features go by.
    private static func version(_ text: String) -> [Int] {
        let numbers = text.split(separator: ".", maxSplits: 2).prefix(2).map { part in
            Int(part.prefix { $0.isASCII && $0.isNumber })
        }
        return numbers.count == 2 ? numbers.compactMap { $0 } : []
    }

    // MARK: Values

    private func array(_ value: JSONValue?, _ name: String) throws(EngineError) -> [JSONValue] {
        guard let value, value != .null else { return [] }
        guard let array = value.array else { throw Self.failure("\(name) is not a list") }
        return array
    }

    private func strings(_ value: JSONValue?, _ name: String) throws(EngineError) -> [String]? {
        guard let value, value != .null else { return nil }
        let list = try array(value, name)
        let result = list.compactMap(\.string)
        guard result.count == list.count else { throw Self.failure("\(name) is not a list of strings") }
        return result
    }

    private func number(_ value: JSONValue?, _ name: String) throws(EngineError) -> UInt64? {
        switch value {
        case nil, .null: return nil
        case .integer(let number) where number >= 0: return UInt64(number)
        case .unsigned(let number): return number
        default: throw Self.failure("\(name) is not a positive number")
        }
    }
}
