// SPDX-License-Identifier: Apache-2.0

/// Which modules each module may import, as one of the two places that say so has it.
struct ModuleTable: Equatable {
    var rows: [String: Set<String>] = [:]

    /// Reads the table of docs/architecture.md: rows of "| `Name` | what it is | imports |", imports being names with
    /// commas between them, or a dash.
    init(documentation: String) {
        for line in documentation.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.filter { $0 != "`" } }
            guard cells.count == 3 else { continue }
            let names = cells[2].split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { $0 != "–" }
            rows[cells[0].filter { !$0.isWhitespace }] = Set(names)
        }
    }

    /// Reads the targets of Package.swift, which writes each as a call of `module`, `program` or `tests` with a name
    /// and an array of dependencies, plus arrays of products that variables name.
    init(package source: String) {
        let code = Tokenizer.tokens(of: source).filter { $0.kind != .comment }
        let calls: Set = ["module", "program"]
        for index in code.indices.dropLast(2) {
            guard calls.contains(code[index].text), code[index + 1].text == "(", code[index + 2].kind == .string,
                index == 0 || code[index - 1].text != "func"
            else { continue }
            rows[Self.unquoted(code[index + 2].text)] = Self.dependencies(code[(index + 3)...])
        }
        for index in code.indices.dropLast(3) where code[index].text == "target" && code[index + 2].text == "name" {
            guard code[index + 4].kind == .string else { continue }
            rows[Self.unquoted(code[index + 4].text)] = []
        }
    }

    private static func dependencies(_ code: ArraySlice<Token>) -> Set<String> {
        var found: Set<String> = []
        var depth = 1
        for (index, token) in zip(code.indices, code) {
            if token.text == "(" { depth += 1 }
            if token.text == ")" { depth -= 1 }
            // `linking:` starts the next argument
            if depth == 0 || token.text == "linking" { break }
            if token.kind == .string { found.insert(unquoted(token.text)) }
            let isLabel = index + 1 < code.endIndex && code[index + 1].text == ":"
            if token.kind == .word, !isLabel, let products = products[token.text] { found.formUnion(products) }
        }
        return found
    }

    private static func unquoted(_ text: String) -> String { text.filter { $0 != "\"" } }

    /// What Package.swift's variables stand for.
    static let products: [String: Set<String>] = [
        "nio": ["NIOCore", "NIOPosix"], "grdb": ["GRDB"], "crypto": ["Crypto"], "logging": ["Logging"],
        "lifecycle": ["ServiceLifecycle", "UnixSignals"],
    ]

    /// What every module may import: the system's and the language's own.
    static let system: Set<String> = [
        "Glibc", "Musl", "Synchronization", "Dispatch", "Swift", "_Concurrency", "Foundation", "SQLite3",
    ]

    /// Where the two tables differ, each as a sentence.
    static func differences(documentation: ModuleTable, package: ModuleTable) -> [String] {
        var found: [String] = []
        for name in Set(documentation.rows.keys).union(package.rows.keys).sorted() {
            guard let written = documentation.rows[name] else {
                found.append("\(name) is in Package.swift and not in docs/architecture.md")
                continue
            }
            guard let built = package.rows[name] else {
                found.append("\(name) is in docs/architecture.md and not in Package.swift")
                continue
            }
            let missing = built.subtracting(written).sorted()
            let extra = written.subtracting(built).sorted()
            if !missing.isEmpty {
                found.append("\(name): docs/architecture.md leaves out \(missing.joined(separator: ", "))")
            }
            if !extra.isEmpty { found.append("\(name): Package.swift leaves out \(extra.joined(separator: ", "))") }
        }
        return found
    }

    /// The imports of `file` that its module's row doesn't have.
    func findings(in file: SourceFile) -> [Finding] {
        guard file.folder == "Sources", let module = file.module.map(String.init) else { return [] }
        guard let row = rows[module] else {
            guard file.path.hasSuffix(".swift") else { return [] }
            return [Finding(rule: "imports", path: file.path, line: 1, message: "module \(module) is not in the table")]
        }
        return file.imports.filter { !row.contains($0.module) && !Self.system.contains($0.module) }.map {
            Finding(
                rule: "imports", path: file.path, line: $0.line,
                message: "the module table doesn't let \(module) import \($0.module)")
        }
    }
}
