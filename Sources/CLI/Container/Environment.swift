// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Environment variables from flags and files.
enum Environment {
    /// The largest file of variables.
    private static let maximumFile = 16 << 20

    /// Files first, then flags. A name without `=` is taken from this program's own environment, or left out.
    static func list(_ flags: [String], files: [String], environment: [String: String]) throws -> [String] {
        try lines(of: files, environment: environment) + flags.compactMap { completed($0, environment) }
    }

    /// The lines that aren't empty or comments.
    static func lines(of files: [String], environment: [String: String]) throws -> [String] {
        var result: [String] = []
        for file in files {
            for line in try contents(file).lines() {
                var text = line[...]
                while let first = text.first, first == " " || first == "\t" || first == "\u{feff}" {
                    text.removeFirst()
                }
                if text.hasSuffix("\r") { text.removeLast() }
                if text.isEmpty || text.hasPrefix("#") { continue }
                let name = text.prefix { $0 != "=" }
                guard !name.isEmpty else {
                    throw Failure("no variable name on line '\(text)'")
                }
                guard !name.contains(where: \.isWhitespace) else {
                    throw Failure("variable '\(name)' contains whitespaces")
                }
                if let line = completed(String(text), environment) { result.append(line) }
            }
        }
        return result
    }

    private static func completed(_ text: String, _ environment: [String: String]) -> String? {
        text.contains("=") ? text : environment[text].map { "\(text)=\($0)" }
    }

    static func contents(_ path: String) throws -> String {
        do {
            let bytes = try FileDescriptor.open(path, 0).readAll(limit: maximumFile)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Failure("env file \(path) contains invalid utf8 bytes")
            }
            return text
        } catch let error as Errno { throw Failure("\(error)") }
    }
}
