// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import Glibc
internal import JSON

/// `stats`: shows what containers use, again and again.
enum ContainerStatsCommand {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        let watch = StatsWatch(
            client: try session.client(), names: unique(session.arguments), withStopped: flags.bool("all"))
        let isWhole = flags.bool("no-trunc")
        let format = flags.text("format")
        // A template that can't work is told of before the engine is asked.
        _ = try listing.text([StatsRow.row(.init(name: ""), isWhole: true)], format: format, isQuiet: false)
        let text = { (lines: [StatsWatch.Line]) in
            try listing.text(lines.map { StatsRow.row($0, isWhole: isWhole) }, format: format, isQuiet: false)
        }
        guard !flags.bool("no-stream") else {
            session.console.print(try text(watch.first()), terminator: "")
            return 0
        }
        var lines = try watch.first()
        while true {
            session.console.print(screen(try text(lines)), terminator: "")
            if lines.allSatisfy({ $0.stats?.read == .zero || $0.stats == nil }) { usleep(1_000_000) }
            lines = try watch.next()
        }
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// Over what is there: from the upper left corner, each line to its end, and nothing below.
    private static func screen(_ text: String) -> String {
        "\u{1b}[H" + text.split(separator: "\n", omittingEmptySubsequences: false).map { $0 + "\u{1b}[K\n" }.joined()
            + "\u{1b}[J"
    }

    private static let listing = Listing(
        typeName: "*container.statsContext",
        headers: [
            "Container": "CONTAINER", "ID": "CONTAINER ID", "Name": "NAME", "CPUPerc": "CPU %",
            "MemUsage": "MEM USAGE / LIMIT", "MemPerc": "MEM %", "NetIO": "NET I/O", "BlockIO": "BLOCK I/O",
            "PIDs": "PIDS",
        ],
        table:
            "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
        quiet: "{{.ID}}", complaint: "template parsing error")
}

/// What is asked of the engine, once a second or so: it takes a second to compare.
final class StatsWatch {
    struct Line: Sendable {
        /// As the user wrote it.
        var name: String
        /// The last known.
        var stats: ContainerStats?
        /// Whether they are of now.
        var isKnown = false
    }

    private let client: EngineClient
    /// Empty: all there are.
    private let names: [String]
    private let withStopped: Bool
    private var lines: [String: Line] = [:]

    init(client: EngineClient, names: [String], withStopped: Bool) {
        self.client = client
        self.names = names
        self.withStopped = withStopped
    }

    /// Throws for each container that was named and is not there.
    func first() throws -> [Line] {
        let answers = try ask()
        let problems = answers.compactMap { names.isEmpty ? nil : $0.problem }
        if !problems.isEmpty { throw Failure(problems.joined(separator: "\n")) }
        return remember(answers)
    }

    func next() throws -> [Line] { remember(try ask()) }

    private struct Answer: Sendable {
        var name: String
        var stats: ContainerStats?
        var problem: String?
        var isUnreachable = false
    }

    private func ask() throws -> [Answer] {
        let client = client
        _ = try client.negotiatedVersion()
        var asked = names
        if names.isEmpty { asked = try client.containers(all: withStopped).map { Human.shortID($0.id) } }
        let answers = Parallel.map(asked) { name -> Answer in
            do throws(ClientError) { return Answer(name: name, stats: try client.stats(name)) } catch {
                return Answer(name: name, problem: Failure.text(of: error), isUnreachable: error.status == nil)
            }
        }
        if let gone = answers.first(where: \.isUnreachable)?.problem { throw Failure(gone) }
        return answers
    }

    /// One that was named and has gone keeps its line; of all there are it has none.
    private func remember(_ answers: [Answer]) -> [Line] {
        answers.compactMap { answer in
            if let stats = answer.stats {
                lines[answer.name] = Line(name: answer.name, stats: stats, isKnown: true)
            } else {
                if names.isEmpty { return nil }
                lines[answer.name, default: Line(name: answer.name)].isKnown = false
            }
            return lines[answer.name]
        }
    }
}

/// A container's line, worked out as docker does.
enum StatsRow {
    private static let unknown = "--"

    static func row(_ line: StatsWatch.Line, isWhole: Bool) -> Row {
        let stats = line.stats ?? ContainerStats()
        return Row { name, _ in
            switch name {
            case "Container": return line.name
            case "ID": return isWhole ? stats.id : Human.shortID(stats.id)
            case "Name": return stats.name.utf8.count > 1 ? String(stats.name.dropFirst()) : unknown
            case "CPUPerc": return line.isKnown ? percent(processor(stats)) : unknown
            case "MemUsage":
                guard line.isKnown else { return "\(unknown) / \(unknown)" }
                return "\(binary(memory(stats.memory))) / \(binary(stats.memory.limit ?? 0))"
            case "MemPerc":
                guard line.isKnown else { return unknown }
                let limit = stats.memory.limit ?? 0
                return percent(limit == 0 ? 0 : Double(memory(stats.memory)) / Double(limit) * 100)
            case "NetIO":
                guard line.isKnown else { return unknown }
                let all = (stats.networks ?? [:]).values
                return "\(decimal(all.map(\.rxBytes))) / \(decimal(all.map(\.txBytes)))"
            case "BlockIO":
                guard line.isKnown else { return unknown }
                return "\(decimal(moved("r", stats.blockIO))) / \(decimal(moved("w", stats.blockIO)))"
            case "PIDs": return line.isKnown ? String(stats.pids.current ?? 0) : unknown
            default: return nil
            }
        }
    }

    /// Of one processor: two that are busy are 200 %.
    private static func processor(_ stats: ContainerStats) -> Double {
        let used = Double(stats.cpu.usage.total) - Double(stats.previousCPU.usage.total)
        let passed = Double(stats.cpu.system ?? 0) - Double(stats.previousCPU.system ?? 0)
        let processors = stats.cpu.onlineCPUs.flatMap { $0 == 0 ? nil : $0 } ?? stats.cpu.usage.perCPU?.count ?? 0
        return used > 0 && passed > 0 ? used / passed * Double(processors) * 100 : 0
    }

    /// Without the page cache that nobody has touched of late.
    private static func memory(_ memory: MemoryStats) -> UInt64 {
        let usage = memory.usage ?? 0
        for name in ["total_inactive_file", "inactive_file"] {
            if let cache = memory.stats?[name], cache < usage { return usage - cache }
        }
        return usage
    }

    private static func moved(_ letter: Character, _ stats: BlockIOStats) -> [UInt64] {
        (stats.bytes ?? []).filter { $0.op.lowercased().first == letter }.map(\.value)
    }

    private static func percent(_ value: Double) -> String {
        let hundredths = Int64((value * 100).rounded(.toNearestOrEven))
        return "\(hundredths / 100).\(Human.padded(Int(hundredths % 100), 2))%"
    }

    private static func binary(_ bytes: UInt64) -> String { Human.binarySize(Int64(clamping: bytes)) }
    private static func decimal(_ bytes: [UInt64]) -> String { Human.size(Int64(clamping: bytes.reduce(0, &+))) }
}
