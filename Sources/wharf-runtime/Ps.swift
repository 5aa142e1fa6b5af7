// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCIRuntime

/// `ps ID [OPTIONS OF PS]`: the processes of a container, as the host's `ps` shows them (rule R6).
enum Ps {
    static let command = Command(
        "ps", "ID [OPTIONS OF PS]", "list a container's processes",
        flags: [.init(name: "format", short: "f", about: "table (unless given) or json")], run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        guard let id = options.arguments.first else { throw RuntimeError(.invalid, "ps: a container's id is needed") }
        let record = try context.store.load(id)
        let pids = try Container.processes(cgroup: record.place, pid: record.pid)
        switch options["format"] ?? "table" {
        case "json": return try RuntimeCommand.print(pids, indent: nil)
        case "table": return RuntimeCommand.print(try table(Array(options.arguments.dropFirst()), Set(pids)))
        case let other: throw RuntimeError(.invalid, "invalid format option \"\(other)\"")
        }
    }

    /// The lines of ps that are of the container's processes, and its head line.
    private static func table(_ arguments: [String], _ pids: Set<Int32>) throws(RuntimeError) -> String {
        let output: HostCommand.Output
        do throws(Linux.Errno) {
            output = try HostCommand.run("/bin/ps", arguments.isEmpty ? ["-ef"] : arguments, limit: 64 << 20)
        } catch {
            throw RuntimeError(.system, "ps: \(error)")
        }
        guard output.status == 0 else { throw RuntimeError(.invalid, "ps: \(output.errors)") }
        let lines = output.text.split(separator: "\n")
        let head = lines.first?.split(separator: " ") ?? []
        guard let column = head.firstIndex(of: "PID") else {
            throw RuntimeError(.invalid, "couldn't find PID field in ps output")
        }
        let own = lines.dropFirst().filter { line in
            let fields = line.split(separator: " ", maxSplits: column + 1)
            return fields.count > column && Int32(fields[column]).map(pids.contains) == true
        }
        return (lines.prefix(1) + own).map { $0 + "\n" }.joined()
    }
}
