// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// `--security-opt`, narrowed.
struct SecurityOptions: Equatable {
    /// The system call filter.
    enum Filter: Equatable {
        case builtin, unconfined
        /// A profile in Docker's format, as the client read it from its file.
        case profile(String)
    }

    var noNewPrivileges = false
    /// nil: not given.
    var seccomp: Filter?
    /// A profile's name, or `unconfined`; nil: not given.
    var appArmor: String?
    /// SELinux's, without `label=`.
    var labels: [String] = []
    var writableCgroups = false

    /// Throws with Docker's texts for what it does not know.
    init(parsing options: [String]) throws(EngineError) {
        for option in options {
            switch option {
            case "no-new-privileges": noNewPrivileges = true
            case "writable-cgroups": writableCgroups = true
            case "disable": labels.append("disable")
            default: try read(option)
            }
        }
    }

    private mutating func read(_ option: String) throws(EngineError) {
        func unknown(_ number: Int) -> EngineError {
            EngineError(.invalidParameter, "invalid --security-opt \(number): \"\(option.prefix(200))\"")
        }
        // The colon is older; a profile is full of both.
        guard let separator = option.firstIndex(of: "=") ?? option.firstIndex(of: ":") else { throw unknown(1) }
        let value = String(option[option.index(after: separator)...])
        switch option[..<separator] {
        case "label": labels.append(value)
        case "apparmor": appArmor = value
        case "seccomp":
            seccomp =
                value == "unconfined" ? .unconfined : ["", "builtin"].contains(value) ? .builtin : .profile(value)
        case "no-new-privileges":
            guard let isOn = Self.bool(value) else { throw unknown(2) }
            noNewPrivileges = isOn
        case "writable-cgroups":
            guard let isOn = Self.bool(value) else { throw unknown(2) }
            writableCgroups = isOn
        default: throw unknown(2)
        }
    }

    /// As Go's strconv.ParseBool has it.
    private static func bool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }

    /// Refuses what this kernel has no means for. Nothing is asked of them by who wants to be unconfined.
    func check(on support: SecuritySupport) throws(EngineError) {
        if let appArmor, !["", "unconfined"].contains(appArmor), !support.appArmor {
            throw EngineError(
                .invalidParameter, "invalid --security-opt: \"apparmor=\(appArmor)\": this host has no AppArmor")
        }
        if let label = labels.first(where: { $0 != "disable" }) {
            guard support.seLinux else {
                throw EngineError(
                    .invalidParameter, "invalid --security-opt: \"label=\(label)\": this host has no SELinux")
            }
            throw Refusals.refusal("HostConfig.SecurityOpt \"label=\(label)\" (--security-opt)")
        }
    }

    /// For `process.apparmorProfile`; nil: whatever the engine itself runs as.
    var appArmorProfile: String? { appArmor.flatMap { ["", "unconfined"].contains($0) ? nil : $0 } }
}
