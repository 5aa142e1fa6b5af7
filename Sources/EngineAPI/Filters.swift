// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// The `filters` query parameter: names to the values asked for. A name's values are alternatives, names add up.
///
/// Docker reads two spellings: `{"label":["a=b"]}` and, older, `{"label":{"a=b":true}}`; clients send the older one.
package struct Filters: Sendable, Equatable {
    package var values: [String: [String]]

    package init(_ values: [String: [String]] = [:]) { self.values = values }

    package var isEmpty: Bool { values.isEmpty }

    /// The values of `name`, none if it was not given.
    package subscript(name: String) -> [String] { values[name] ?? [] }

    /// Reads the parameter's text, already percent-decoded. Throws what Docker answers to bad ones.
    package init(query text: String) throws(EngineError) {
        self.init()
        if text.isEmpty { return }
        guard let parsed = try? JSON.parse(Array(text.utf8)), case .object(let object) = parsed else {
            throw Self.invalid
        }
        for (name, value) in object.members { values[name] = try Self.list(value) }
    }

    private static var invalid: EngineError { EngineError(.invalidParameter, "invalid filter") }

    private static func list(_ value: JSONValue) throws(EngineError) -> [String] {
        switch value {
        case .array(let elements):
            var result: [String] = []
            for element in elements {
                guard case .string(let text) = element else { throw invalid }
                result.append(text)
            }
            return result
        case .object(let members):
            var result: [String] = []
            for (name, isSet) in members.members {
                guard case .bool(let isSet) = isSet else { throw invalid }
                if isSet { result.append(name) }
            }
            return result
        default: throw invalid
        }
    }

    /// Refuses names that are not among `known`, with Docker's text.
    package func validate(_ known: Set<String>) throws(EngineError) {
        for name in values.keys.sorted() where !known.contains(name) {
            throw EngineError(.invalidParameter, "invalid filter '\(name)'")
        }
    }

    /// The one boolean that the filter `name` has: true for `true` and `1`, false for `false` and `0`; nil if not
    /// given.
    package func bool(_ name: String) throws(EngineError) -> Bool? {
        let given = Set(self[name])
        if given.isEmpty { return values[name] == nil ? nil : false }
        let isTrue = given.contains("true") || given.contains("1")
        let isFalse = given.contains("false") || given.contains("0")
        guard isTrue != isFalse else {
            throw EngineError(.invalidParameter, "invalid filter '\(name)=[\(self[name].joined(separator: " "))]'")
        }
        return isTrue
    }

    /// Whether `labels` has every `key` and `key=value` that the filter `name` asks for.
    package func matchLabels(_ labels: [String: String], as name: String = "label") -> Bool {
        self[name].allSatisfy { Self.has($0, in: labels) }
    }

    /// Whether `labels` has any that the filter `name` asks for.
    package func matchAnyLabel(_ labels: [String: String], as name: String) -> Bool {
        self[name].contains { Self.has($0, in: labels) }
    }

    private static func has(_ wanted: String, in labels: [String: String]) -> Bool {
        guard let equals = wanted.firstIndex(of: "=") else { return labels[wanted] != nil }
        return labels[String(wanted[..<equals])] == String(wanted[wanted.index(after: equals)...])
    }

    /// The parameter's text, in the spelling all versions read.
    package var query: String {
        let members = values.keys.sorted().map { name in
            let set = (values[name] ?? []).map { (key: $0, value: JSONValue.bool(true)) }
            return (key: name, value: JSONValue.object(JSONObject(set)))
        }
        return String(decoding: JSONValue.object(JSONObject(members)).serialized(), as: UTF8.self)
    }
}
