// SPDX-License-Identifier: Apache-2.0

internal import CSeccomp
internal import Glibc
internal import Linux
internal import OCI

/// Compiles a specification's system call rules to BPF with libseccomp. That takes tens of milliseconds for Docker's
/// profile: see `FilterCache`.
enum FilterCompiler {
    private static let newArchitectures: Set<String> = [
        "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB", "SCMP_ARCH_RISCV64",
        "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64",
    ]

    /// Eight bytes for each instruction.
    static func compile(_ section: RuntimeSpec.Seccomp) throws(RuntimeError) -> [UInt8] {
        let field = "linux.seccomp"
        let defaultAction = try action(
            section.defaultAction, section.defaultErrnoRet, "\(field).defaultAction", "\(field).defaultErrnoRet")
        guard let context = seccomp_init(defaultAction) else {
            throw RuntimeError(.system, "seccomp: libseccomp has no memory")
        }
        defer { seccomp_release(context) }
        // The runtime decides about no_new_privs itself.
        try check(seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0), "attributes")
        // A binary tree instead of a list: a few comparisons for each call instead of hundreds.
        try check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2), "attributes")
        for (index, name) in (section.architectures ?? []).enumerated() {
            try add(architecture: name, "\(field).architectures[\(index)]", to: context)
        }
        var highest: Int32 = 0
        for (index, rule) in (section.syscalls ?? []).enumerated() {
            let field = "\(field).syscalls[\(index)]"
            let action = try action(rule.action, rule.errnoRet, "\(field).action", "\(field).errnoRet")
            guard !rule.names.isEmpty else { throw RuntimeError(.invalid, "\(field).names must not be empty") }
            let comparisons = try comparisons(rule.args ?? [], field)
            for name in rule.names {
                let number = seccomp_syscall_resolve_name(name)
                // A call that this libseccomp does not know. It gets ENOSYS: see `prefix`.
                if number == -1 { continue }
                highest = max(highest, number)
                if action == defaultAction { continue }
                try add(number, name, action, comparisons, to: context)
            }
        }
        // ALLOW and LOG let new calls through by themselves.
        let denies = defaultAction < 0x7ffc_0000
        return (denies ? prefix(highest: highest) : []) + (try export(context))
    }

    /// Whether an agent is asked. The process says so itself, so that must be allowed.
    static func notifies(_ section: RuntimeSpec.Seccomp) throws(RuntimeError) -> Bool {
        let field = "linux.seccomp"
        guard section.listenerMetadata?.isEmpty ?? true || section.listenerPath?.isEmpty == false else {
            throw RuntimeError(.invalid, "\(field).listenerMetadata needs listenerPath")
        }
        guard section.defaultAction != "SCMP_ACT_NOTIFY" else {
            throw RuntimeError(.invalid, "\(field).defaultAction must not be SCMP_ACT_NOTIFY")
        }
        let notified = (section.syscalls ?? []).filter { $0.action == "SCMP_ACT_NOTIFY" }
        guard !notified.isEmpty else { return false }
        guard !notified.contains(where: { $0.names.contains("sendmsg") }) else {
            throw RuntimeError(
                .invalid, "\(field).syscalls: sendmsg must not be SCMP_ACT_NOTIFY, as it is how the agent gets to know")
        }
        guard let path = section.listenerPath, path.hasPrefix("/") else {
            throw RuntimeError(.invalid, "\(field).listenerPath must be an absolute path where SCMP_ACT_NOTIFY is used")
        }
        return true
    }

    private static func add(
        architecture name: String, _ field: String, to context: scmp_filter_ctx
    ) throws(RuntimeError) {
        guard name.hasPrefix("SCMP_ARCH_") else {
            throw RuntimeError(.invalid, "\(field): unknown architecture \"\(name)\"")
        }
        let token = seccomp_arch_resolve_name(name.dropFirst(10).lowercased())
        // One of the specification's that this libseccomp has not heard of is no machine that it runs on.
        if token == 0, newArchitectures.contains(name) { return }
        guard token != 0 else {
            throw RuntimeError(.invalid, "\(field): unknown architecture \"\(name)\"")
        }
        let result = seccomp_arch_add(context, token)
        if result != -EEXIST { try check(result, name) }
    }

    private static func comparisons(
        _ arguments: [RuntimeSpec.SyscallArgument], _ field: String
    ) throws(RuntimeError) -> [scmp_arg_cmp] {
        var comparisons: [scmp_arg_cmp] = []
        for (index, argument) in arguments.enumerated() {
            guard argument.index < 6 else {
                throw RuntimeError(
                    .invalid, "\(field).args[\(index)].index: \(argument.index) must be from 0 to 5")
            }
            let (operation, masked) = try comparison(argument.op, "\(field).args[\(index)].op")
            comparisons.append(
                scmp_arg_cmp(
                    arg: argument.index, op: operation, datum_a: argument.value,
                    datum_b: masked ? argument.valueTwo ?? 0 : 0))
        }
        return comparisons
    }

    private static func add(
        _ number: Int32, _ name: String, _ action: UInt32, _ comparisons: [scmp_arg_cmp], to context: scmp_filter_ctx
    ) throws(RuntimeError) {
        // One rule compares each argument once; several comparisons of one argument are alternatives.
        let alternatives =
            Set(comparisons.map(\.arg)).count == comparisons.count ? [comparisons] : comparisons.map { [$0] }
        for alternative in alternatives {
            let result = alternative.withUnsafeBufferPointer {
                seccomp_rule_add_array(context, action, number, UInt32($0.count), $0.baseAddress)
            }
            try check(result, name)
        }
    }

    private static func export(_ context: scmp_filter_ctx) throws(RuntimeError) -> [UInt8] {
        let file = try step("seccomp") { () throws(Linux.Errno) in try FileDescriptor.memoryFile("seccomp") }
        try check(seccomp_export_bpf(context, file.rawValue), "export")
        return try step("seccomp") { () throws(Linux.Errno) in
            try file.seek(to: 0)
            return try file.readAll(limit: 1 << 20)
        }
    }

    private static let actions: [String: UInt32] = [
        "SCMP_ACT_KILL": 0, "SCMP_ACT_KILL_THREAD": 0, "SCMP_ACT_KILL_PROCESS": 0x8000_0000,
        "SCMP_ACT_TRAP": 0x0003_0000, "SCMP_ACT_ERRNO": 0x0005_0000, "SCMP_ACT_TRACE": 0x7ff0_0000,
        "SCMP_ACT_NOTIFY": 0x7fc0_0000, "SCMP_ACT_LOG": 0x7ffc_0000, "SCMP_ACT_ALLOW": 0x7fff_0000,
    ]

    /// The kernel's number; two of them carry an error's.
    private static func action(
        _ name: String, _ errnoRet: UInt32?, _ field: String, _ errnoField: String
    ) throws(RuntimeError) -> UInt32 {
        let action = try TaskAttributes.choice(name, actions, field)
        guard name == "SCMP_ACT_ERRNO" || name == "SCMP_ACT_TRACE" else {
            guard errnoRet == nil else {
                throw RuntimeError(.invalid, "\(errnoField) must not be given with \(name)")
            }
            return action
        }
        let number = errnoRet ?? UInt32(EPERM)
        guard number <= 0xffff else {
            throw RuntimeError(.invalid, "\(errnoField): \(number) must be from 0 to 65535")
        }
        return action | number
    }

    private static func comparison(_ name: String, _ field: String) throws(RuntimeError) -> (scmp_compare, masked: Bool)
    {
        switch name {
        case "SCMP_CMP_NE": (SCMP_CMP_NE, false)
        case "SCMP_CMP_LT": (SCMP_CMP_LT, false)
        case "SCMP_CMP_LE": (SCMP_CMP_LE, false)
        case "SCMP_CMP_EQ": (SCMP_CMP_EQ, false)
        case "SCMP_CMP_GE": (SCMP_CMP_GE, false)
        case "SCMP_CMP_GT": (SCMP_CMP_GT, false)
        case "SCMP_CMP_MASKED_EQ": (SCMP_CMP_MASKED_EQ, true)
        default: throw RuntimeError(.invalid, "\(field): unknown comparison \"\(name)\"")
        }
    }

    private static func check(_ result: Int32, _ what: String) throws(RuntimeError) {
        guard result != 0 else { return }
        throw RuntimeError(.system, "seccomp: \(what): \(Linux.Errno.Code(rawValue: -result))")
    }

    /// A few instructions that go before libseccomp's: a call newer than every one the rules speak of gets ENOSYS, as
    /// on an older kernel, so that C libraries fall back to an older call. Only for the machine's own architecture.
    static func prefix(highest: Int32) -> [UInt8] {
        let native = seccomp_arch_native()
        guard highest > 0 else { return [] }
        let program: [(code: UInt16, yes: UInt8, no: UInt8, value: UInt32)] = [
            (0x20, 0, 0, 4),  // A = arch
            (0x15, 0, 4, native),  // not ours: go on
            (0x20, 0, 0, 0),  // A = number
            (0x35, 2, 0, 0x4000_0000),  // x32: go on
            (0x25, 0, 1, UInt32(highest)),  // not newer: go on
            (0x06, 0, 0, 0x0005_0000 | UInt32(ENOSYS)),
        ]
        return program.flatMap { code, yes, no, value in
            [UInt8(code & 0xff), UInt8(code >> 8), yes, no]
                + (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
    }
}
