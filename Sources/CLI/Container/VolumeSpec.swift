// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The value of `-v`: `/data`, `name:/data`, `/host:/data:ro`.
enum VolumeSpec {
    case anonymous(String)
    /// For `HostConfig.Binds`: volumes by name, and host paths.
    case bind(String)

    static func parse(_ text: String) throws -> VolumeSpec {
        guard !text.isEmpty else { throw Failure("invalid empty volume spec") }
        // Too short for two parts: a path, which the engine looks at.
        if text.utf8.count <= 2 { return .anonymous(text) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return .anonymous(text)
        case 2 where parts[0].isEmpty || parts[1].isEmpty, 3 where parts.contains(where: \.isEmpty):
            throw Failure("invalid spec: \(text): empty section between colons")
        // As docker reads it: a drive and a path, for the engine to look at.
        case 2 where parts[0].utf8.count == 1 && parts[0].first?.isLetter == true && parts[1].hasPrefix("/"):
            return .anonymous(text)
        case 2, 3:
            guard parts[0].hasPrefix(".") || parts[0].hasPrefix("~") else { return .bind(text) }
            let rest = text.dropFirst(parts[0].count)
            return .bind(absolute(String(parts[0])) + rest)
        default: throw Failure("invalid spec: \(text): too many colons")
        }
    }

    static func absolute(_ path: String) -> String {
        guard path.hasPrefix("."), let here = WorkingDirectory.path else { return path }
        var parts = here.split(separator: "/").map(String.init)
        for part in path.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": _ = parts.popLast()
            default: parts.append(String(part))
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}
