// SPDX-License-Identifier: Apache-2.0

/// The value of `--platform`, checked in the words of docker's client.
package enum PlatformFlag {
    private static let systems: Set<String> = [
        "aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl", "netbsd",
        "openbsd", "plan9", "solaris", "windows", "zos",
    ]
    private static let architectures: Set<String> = [
        "386", "aarch64", "amd64", "arm", "arm64", "armel", "armhf", "i386", "loong64", "mips", "mips64", "mips64le",
        "mipsle", "ppc64", "ppc64le", "riscv64", "s390x", "x86-64", "x86_64",
    ]

    package static func check(_ text: String) throws(GoSyntax.Problem) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let quoted = GoSyntax.quoted(text)
        func problem(_ why: String) -> GoSyntax.Problem {
            GoSyntax.Problem("error parsing specified platform: \(why): invalid argument")
        }
        if text.contains("*") { throw problem("\(quoted): wildcards not yet supported") }
        for part in parts {
            let isPlain = part.utf8.allSatisfy { byte in
                let letter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                return letter || (48...57).contains(byte) || "_.-".utf8.contains(byte)
            }
            guard isPlain, !part.isEmpty else {
                throw problem(
                    "\(GoSyntax.quoted(String(part))) is an invalid component of \(quoted): platform specifier component "
                        + "must match \"^[A-Za-z0-9_.-]+$\"")
            }
        }
        switch parts.count {
        case 1:
            guard systems.contains(text.lowercased()) || architectures.contains(text.lowercased()) else {
                throw problem("\(quoted): unknown operating system or architecture")
            }
        case 2, 3: break
        default: throw problem("\(quoted): cannot parse platform specifier")
        }
    }
}
