// SPDX-License-Identifier: Apache-2.0

/// An operating system and an instruction set, by Go's names: `linux/arm64/v8`.
package struct Platform: Codable, Hashable, Sendable {
    package var architecture: String
    package var os: String
    package var variant: String?
    package var osVersion: String?
    package var osFeatures: [String]?

    package init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    package enum CodingKeys: String, CodingKey {
        case architecture, os, variant
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    /// Reads `os/architecture[/variant]`, or one of both; what is left out is this machine's. Nil if malformed.
    package init?(_ text: String) {
        let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3, parts.allSatisfy({ !$0.isEmpty }), let first = parts.first else { return nil }
        let plain = { (byte: UInt8) in byte.isLetter || byte.isDigit || "_.-".utf8.contains(byte) }
        guard parts.allSatisfy({ $0.utf8.allSatisfy(plain) }) else { return nil }
        if parts.count == 1 {
            let isSystem = ["linux", "windows", "darwin", "freebsd"].contains(first)
            self.init(os: isSystem ? first : "linux", architecture: isSystem ? Platform.host.architecture : first)
        } else {
            self.init(os: first, architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil)
        }
        self = normalised
    }

    /// What this program runs on.
    package static var host: Platform {
        #if arch(x86_64)
        Platform(os: "linux", architecture: "amd64")
        #elseif arch(arm64)
        Platform(os: "linux", architecture: "arm64")
        #else
        #error("name this architecture as Go does")
        #endif
    }

    /// Other spellings of the same machine brought to one: `x86_64`, `aarch64`, `arm64/v8`.
    package var normalised: Platform {
        var result = self
        switch architecture.lowercased() {
        case "x86_64", "x86-64", "amd64": result.architecture = "amd64"
        case "aarch64", "arm64":
            result.architecture = "arm64"
            if variant == "8" || variant == "v8" { result.variant = nil }
        case "i386", "i486", "i586", "i686", "x86": result.architecture = "386"
        case "arm" where variant == nil || variant == "" || variant == "7": result.variant = "v7"
        default: result.architecture = architecture.lowercased()
        }
        result.os = os.lowercased()
        if result.variant == "" { result.variant = nil }
        return result
    }

    /// Whether a program for `self` runs on `machine`: the same system and architecture, and the same variant where
    /// both have one.
    package func runs(on machine: Platform) -> Bool {
        let (a, b) = (normalised, machine.normalised)
        guard a.os == b.os, a.architecture == b.architecture else { return false }
        guard let mine = a.variant, let its = b.variant else { return true }
        return mine == its
    }
}

extension Platform: CustomStringConvertible {
    package var description: String { "\(os)/\(architecture)" + (variant.map { "/" + $0 } ?? "") }
}
