// SPDX-License-Identifier: Apache-2.0

/// What is written about the tree, held against the tree: the files that documents name are there, and so are the
/// decisions that anybody refers to.
struct Documents {
    /// Every file of the tree, relative to its root.
    let paths: [String]

    /// What `text`, the content of `path`, names and the tree does not have.
    func complaints(in text: String, of path: String) -> [String] {
        var found: [String] = []
        if path.hasSuffix(".md") {
            for name in Self.names(in: text) where !exists(name) {
                found.append("\(path): it names \(name), which is not there")
            }
        }
        for number in Self.decisions(in: text) where !paths.contains(where: { $0.contains("decisions/\(number)-") }) {
            found.append("\(path): it refers to decision \(number), which is not in docs/decisions")
        }
        return found
    }

    /// A whole path, the end of one, or a folder.
    private func exists(_ name: String) -> Bool {
        let name = name.hasSuffix("/") ? String(name.dropLast()) : name
        return paths.contains { path in
            path == name || path.hasSuffix("/" + name) || path.hasPrefix(name + "/") || path.contains("/\(name)/")
        }
    }

    /// The words that look like files of a source tree.
    private static func names(in text: String) -> [String] {
        let folders = ["Sources/", "Tests/", "Scripts/", "Bench/", "Packaging/", "docs/"]
        return words(text, with: "_./-").map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }.filter { word in
            folders.contains { word.hasPrefix($0) }
                || ([".swift", ".c", ".h", ".md"].contains { word.hasSuffix($0) } && !word.hasPrefix("/"))
        }
    }

    /// The numbers in `decision 0002`, `decisions 0002 and 0003`.
    private static func decisions(in text: String) -> [String] {
        var found: [String] = []
        var isReference = false
        for word in words(text, with: "") {
            if word.hasPrefix("decision") {
                isReference = true
            } else if word.utf8.count == 4, word.allSatisfy(\.isNumber) {
                if isReference { found.append(word) }
            } else if word != "and" {
                isReference = false
            }
        }
        return found
    }

    private static func words(_ text: String, with marks: String) -> [String] {
        text.split { !$0.isLetter && !$0.isNumber && !marks.contains($0) }.map(String.init)
    }
}
