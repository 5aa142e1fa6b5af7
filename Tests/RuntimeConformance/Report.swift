// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

/// What the suite prints and writes.
enum Report {
    static func line(_ result: Result) -> String? {
        let name = "\(result.test.level.rawValue) \(result.test.section): \(result.test.statement)"
        return switch result.verdict {
        case .passed: nil
        case .failed(let expected, let came): "FAIL \(name)\n     expected  \(expected)\n     came      \(came)"
        case .unseen: nil
        }
    }

    static func summary(_ results: [Result]) -> String {
        func count(_ match: (Result) -> Bool) -> Int { results.count(where: match) }
        let failed = count { if case .failed = $0.verdict { $0.test.level == .must } else { false } }
        let short = count { if case .failed = $0.verdict { $0.test.level == .should } else { false } }
        let unseen = count { if case .unseen = $0.verdict { true } else { false } }
        return "\(count { $0.verdict == .passed }) of \(results.count) pass; \(failed) MUST and \(short) SHOULD fail; "
            + "\(unseen) can't be seen here"
    }

    static func isConformant(_ results: [Result]) -> Bool {
        !results.contains { if case .failed = $0.verdict { $0.test.level == .must } else { false } }
    }

    /// For the table's maker: one member per case.
    static func json(_ results: [Result]) -> [UInt8] {
        var object = JSONObject()
        for result in results {
            let value: JSONValue =
                switch result.verdict {
                case .passed: "yes"
                case .failed(_, let came): .array([.string(came)])
                case .unseen(let reason): .object(["unseen": .string(reason)])
                }
            object.append(key(result.test), value)
        }
        return JSONValue.object(object).serialized()
    }

    /// To standard output at once, as a runtime that hangs is followed line by line.
    static func say(_ line: String) {
        var text = line + "\n"
        text.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
    }

    static func key(_ test: Case) -> String { "\(test.section) \(test.statement)" }
}

/// docs/runtime-conformance.md, out of the results of several runtimes.
struct Table {
    let runtimes: [(name: String, results: JSONObject)]

    func text() -> String {
        var lines = [
            "# Conformance to the OCI runtime specification", "",
            "Written by `make runtime-conformance`; don't edit. Each line is a case of Tests/RuntimeConformance: a requirement of",
            "runtime-spec 1.3 (Linux) in our own words. **yes**: kept; **no**: not kept; –: can't be seen with this kernel,",
            "cgroup layout or runtime. On a hybrid cgroup layout crun runs with the version 2 hierarchy hidden, as it refuses",
            "it otherwise.", "",
            "| | " + runtimes.map(\.name).joined(separator: " | ") + " |",
            "|---|" + runtimes.map { _ in "---|" }.joined(),
        ]
        for (label, match) in Table.totals {
            let cells = runtimes.map { "\(count($0.results, match))" }
            lines.append("| \(label) | " + cells.joined(separator: " | ") + " |")
        }
        var page = ""
        for test in Case.all {
            let name = String(test.section.prefix { $0 != "." })
            if name != page {
                page = name
                lines += [
                    "", "## \(name)", "",
                    "| section | requirement | level | " + runtimes.map(\.name).joined(separator: " | ") + " |",
                ]
                lines.append("|---|---|---|" + runtimes.map { _ in "---|" }.joined())
            }
            lines.append(row(test))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let totals: [(String, @Sendable (Case, JSONValue?) -> Bool)] = [
        ("kept", { $1 == "yes" }),
        ("MUST not kept", { $0.level == .must && $1?.array != nil }),
        ("SHOULD not kept", { $0.level == .should && $1?.array != nil }),
        ("can't be seen here", { $1?.object != nil }),
    ]

    private func count(_ results: JSONObject, _ match: (Case, JSONValue?) -> Bool) -> Int {
        Case.all.count { match($0, results[Report.key($0)]) }
    }

    private func row(_ test: Case) -> String {
        let anchor = test.section.drop { $0 != "#" }.dropFirst()
        let cells = runtimes.map { runtime in
            let value = runtime.results[Report.key(test)]
            return value == "yes" ? "yes" : value?.array != nil ? "**no**" : "–"
        }
        let words = test.statement.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
        return "| \(anchor) | \(words) | \(test.level.rawValue) | \(cells.joined(separator: " | ")) |"
    }
}
