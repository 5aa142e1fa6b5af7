// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

/// `top`: the host's `ps`, of the container's processes (rule R6: nothing runs inside).
enum Top {
    /// Blocking. `arguments` is one string, split at blanks, as `ps` would get it; empty means `-ef`.
    static func processes(_ pids: [Int32], arguments: String?) throws -> TopResponse {
        let wanted = (arguments ?? "").split(separator: " ").map(String.init)
        let words = wanted.isEmpty ? ["-ef"] : wanted
        try check(words)
        let list = pids.map(String.init).joined(separator: ",")
        // Asked for only these where the arguments allow it; ps refuses some mixtures, then all are listed and
        // filtered.
        var output = try HostCommand.run("/bin/ps", words + ["-q", list], limit: 4 << 20)
        if output.status != 0 { output = try HostCommand.run("/bin/ps", words, limit: 16 << 20) }
        guard output.status == 0 else {
            throw EngineError(.system, "ps: \(firstLine(output.errors))")
        }
        return try parse(output.text, pids: Set(pids))
    }

    /// `-o` must not give the column PID another name: processes are found by it.
    private static func check(_ words: [String]) throws(EngineError) {
        for word in words where word.contains("=") && word.lowercased().contains("pid=") {
            throw EngineError(.invalidParameter, "specifying \"\(word)\" is not allowed")
        }
    }

    static func parse(_ text: String, pids: Set<Int32>) throws(EngineError) -> TopResponse {
        var lines = text.split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        }
        guard !lines.isEmpty else { throw EngineError(.system, "ps printed nothing") }
        let titles = lines.removeFirst()
        guard let column = titles.firstIndex(of: "PID") else {
            throw EngineError(.system, "Couldn't find PID field in ps output")
        }
        let processes = lines.compactMap { fields -> [String]? in
            guard fields.count > column, let pid = Int32(fields[column]), pids.contains(pid) else { return nil }
            guard fields.count > titles.count else { return fields }
            // The last column is a command line: it has blanks of its own.
            let last = fields[(titles.count - 1)...].joined(separator: " ")
            return Array(fields[..<(titles.count - 1)]) + [last]
        }
        return TopResponse(processes: processes, titles: titles)
    }

    private static func firstLine(_ text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? "failed"
    }
}
