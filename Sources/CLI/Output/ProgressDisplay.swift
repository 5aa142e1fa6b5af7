// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import EngineAPI
internal import Linux

/// Shows what the engine tells while it loads or pulls: lines on a pipe; on a terminal, one line for each part,
/// redrawn.
struct ProgressDisplay {
    private let output: Int32
    private let isTerminal: Bool
    private let isQuiet: Bool
    private var lines: [String] = []

    /// Shows all messages. Throws the error that the engine reports among them.
    static func show(
        _ stream: JSONStream<ProgressMessage>, on output: Int32, _ console: Console, isQuiet: Bool
    ) throws {
        var display = ProgressDisplay(
            output: output, isTerminal: TerminalWindow.isTerminal(output), isQuiet: isQuiet)
        while let message = try stream.next() {
            if let error = message.errorDetail?.message ?? message.error { throw Failure(error) }
            display.show(message)
        }
    }

    private mutating func show(_ message: ProgressMessage) {
        if isQuiet { return }
        if let text = message.stream { return write(text) }
        let progress = bar(message)
        if !isTerminal, !progress.isEmpty { return }
        let status = message.status ?? ""
        guard let id = message.id, !id.isEmpty else {
            if !status.isEmpty || !progress.isEmpty { write(status + progress + "\n") }
            return
        }
        let line = "\(id): \(status)\(progress)"
        guard isTerminal else { return write(line + "\n") }
        redraw(id, line)
    }

    /// Moves up to the line of `id`, rewrites it and comes back.
    private mutating func redraw(_ id: String, _ line: String) {
        guard let index = lines.firstIndex(of: id) else {
            lines.append(id)
            return write(line + "\n")
        }
        let up = lines.count - index
        write("\u{1b}[\(up)A\r\u{1b}[2K\(line)\u{1b}[\(up)B\r")
    }

    private func bar(_ message: ProgressMessage) -> String {
        guard let detail = message.progressDetail, let current = detail.current, current > 0 else { return "" }
        let size = Human.size(current, digits: 4)
        let numbers = String(repeating: " ", count: max(0, 8 - size.utf8.count)) + size
        guard let total = detail.total, total > 0 else { return " " + numbers }
        let filled = Int(min(50, Double(current) * 50 / Double(total)))
        let drawn = String(repeating: "=", count: filled) + ">" + String(repeating: " ", count: 50 - filled)
        let bar = width > 110 ? "[\(drawn)] " : ""
        return " " + bar + numbers + (current > total ? "" : "/\(Human.size(total, digits: 4))")
    }

    private var width: Int { TerminalWindow.size(output)?.columns ?? 200 }

    private func write(_ text: String) {
        try? RawDescriptor.writeAll(output, Array(text.utf8))
    }
}
