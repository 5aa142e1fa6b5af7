// SPDX-License-Identifier: Apache-2.0

/// One flag of one command, as pflag knows it.
package struct Flag: Sendable {
    package let name: String
    package let shorthand: Character?
    package let kind: FlagKind
    package let summary: String
    package let defaultValue: String?
    /// Whether the engine does what it asks for; what is not there yet is refused by name.
    package let isSupported: Bool
    /// The flag that this undocumented, older spelling stands for.
    package let meaning: String?

    package enum Support: Sendable { case now, later }

    package init(
        _ name: String, _ shorthand: Character?, _ kind: FlagKind, _ summary: String,
        default defaultValue: String? = nil, _ support: Support = .now
    ) {
        self.name = name
        self.shorthand = shorthand
        self.kind = kind
        self.summary = summary
        self.defaultValue = defaultValue
        self.isSupported = support == .now
        self.meaning = nil
    }

    package init(
        _ name: String, _ kind: FlagKind, _ summary: String, default defaultValue: String? = nil,
        _ support: Support = .now
    ) {
        self.init(name, nil, kind, summary, default: defaultValue, support)
    }

    package init(synonym name: String, of meaning: String) {
        self.name = name
        self.shorthand = nil
        self.kind = .string
        self.summary = ""
        self.defaultValue = nil
        self.isSupported = true
        self.meaning = meaning
    }

    /// How pflag names a flag in an error: `-n, --last` or `--rm`.
    package var title: String {
        shorthand.map { "-\($0), --\(name)" } ?? "--\(name)"
    }
}

/// What a flag's value looks like. The name is the one help shows.
package enum FlagKind: Sendable, Equatable {
    case bool, string, list, strings, int, uint, uint16, uint32, float, decimal, bytes, duration
    case map, filter, ulimit, mount, network
    case other(String)

    package var name: String {
        switch self {
        case .bool: ""
        case .string: "string"
        case .list: "list"
        case .strings: "strings"
        case .int: "int"
        case .uint: "uint"
        case .uint16: "uint16"
        case .uint32: "uint32"
        case .float: "float"
        case .decimal: "decimal"
        case .bytes: "bytes"
        case .duration: "duration"
        case .map: "map"
        case .filter: "filter"
        case .ulimit: "ulimit"
        case .mount: "mount"
        case .network: "network"
        case .other(let name): name
        }
    }
}
