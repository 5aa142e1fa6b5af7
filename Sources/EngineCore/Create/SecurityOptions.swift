// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// `--security-opt`, narrowed.
struct SecurityOptions: Equatable {
    var noNewPrivileges = false
    var seccompUnconfined = false

    init(parsing options: [String]) throws(EngineError) {
        for option in options {
            switch option {
            case "no-new-privileges", "no-new-privileges=true", "no-new-privileges:true": noNewPrivileges = true
            case "no-new-privileges=false", "no-new-privileges:false": noNewPrivileges = false
            case "seccomp=unconfined", "seccomp:unconfined": seccompUnconfined = true
            case "seccomp=builtin": seccompUnconfined = false
            case let option where Self.known.contains { option.hasPrefix($0) }:
                throw Refusals.refusal("HostConfig.SecurityOpt \"\(option.prefix(80))\" (--security-opt)")
            default: throw EngineError(.system, "invalid --security-opt 2: \"\(option)\"")
            }
        }
    }

    private static let known = ["seccomp", "apparmor", "label", "systempaths", "writable-cgroups", "no-new-privileges"]
}
