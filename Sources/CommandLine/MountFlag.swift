// SPDX-License-Identifier: Apache-2.0

/// The value of `--mount`: `type=bind,source=/a,target=/b,readonly`, with its rules but without its meaning.
package struct MountFlag: Sendable {
    /// Keys by their one name (`src` is `source`), in order.
    package private(set) var fields: [(key: String, value: String)] = []

    private static let synonyms = ["src": "source", "dst": "target", "destination": "target", "ro": "readonly"]
    private static let known = [
        "type", "source", "target", "readonly", "consistency", "bind-propagation", "bind-nonrecursive",
        "bind-recursive", "volume-nocopy", "volume-label", "volume-driver", "volume-opt", "volume-subpath",
        "tmpfs-size", "tmpfs-mode", "image-subpath",
    ]
    /// Keys that may stand without a value.
    private static let bare = ["readonly", "volume-nocopy", "bind-nonrecursive"]

    /// Throws the first mistake, in Docker's words.
    package init(_ text: String) throws(GoSyntax.Problem) {
        if text.isEmpty { throw GoSyntax.Problem("EOF") }
        for field in CommaFields.split(text) {
            let given = String(field.prefix { $0 != "=" }).lowercased()
            let key = Self.synonyms[given] ?? given
            let hasValue = field.contains("=")
            guard hasValue || Self.bare.contains(key) else {
                throw GoSyntax.Problem("invalid field '\(field)' must be a key=value pair")
            }
            guard Self.known.contains(key) else {
                throw GoSyntax.Problem("unexpected key '\(given)' in '\(field)'")
            }
            let value = hasValue ? String(field.dropFirst(given.count + 1)) : "true"
            try Self.check(key, value, given: given)
            fields.append((key, value))
        }
        try checkTogether()
    }

    package subscript(key: String) -> String? { fields.last { $0.key == key }?.value }

    package func list(_ key: String) -> [String] { fields.filter { $0.key == key }.map(\.value) }

    package var type: String { self["type"]?.lowercased() ?? "volume" }

    private static func check(_ key: String, _ value: String, given: String) throws(GoSyntax.Problem) {
        let invalid = GoSyntax.Problem("invalid value for \(given): \(value)")
        switch key {
        case "readonly", "volume-nocopy", "bind-nonrecursive": if GoSyntax.bool(value) == nil { throw invalid }
        case "bind-recursive":
            guard ["enabled", "disabled", "writable", "readonly"].contains(value) else {
                throw GoSyntax.Problem(
                    invalid.text + " (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")")
            }
        case "tmpfs-size": do { _ = try Units.bytes(value) } catch { throw invalid }
        case "tmpfs-mode": if UInt32(value, radix: 8) == nil { throw invalid }
        default: break
        }
    }

    private func checkTogether() throws(GoSyntax.Problem) {
        if let type = self["type"], type.isEmpty { throw GoSyntax.Problem("type is required") }
        if self["target"]?.isEmpty ?? true { throw GoSyntax.Problem("target is required") }
        for kind in ["volume", "image", "bind", "tmpfs"] where kind != type {
            if fields.contains(where: { $0.key.hasPrefix("\(kind)-") }) {
                throw GoSyntax.Problem("cannot mix '\(kind)-*' options with mount type '\(type)'")
            }
        }
        guard let depth = self["bind-recursive"], ["writable", "readonly"].contains(depth) else { return }
        guard self["readonly"].flatMap(GoSyntax.bool) == true else {
            throw GoSyntax.Problem(
                "option 'bind-recursive=\(depth)' requires 'readonly' to be specified in conjunction")
        }
        guard depth == "writable" || self["bind-propagation"] == "rprivate" else {
            throw GoSyntax.Problem(
                "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction")
        }
    }
}
