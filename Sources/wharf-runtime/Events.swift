// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `events ID`: prints a container's statistics at intervals, and when it is out of memory, until it ends; each event
/// is a line of JSON in runc's shape.
enum Events {
    static let command = Command(
        "events", "ID", "print a container's statistics, and when it is out of memory",
        flags: [
            .init(name: "interval", about: "between two statistics: 5s unless given"),
            .init(name: "stats", takesValue: false, about: "print statistics once"),
        ], run: run)

    private struct Event: Encodable {
        var type: String
        var id: String
        var data: CgroupStatistics?
    }

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        let id = try options.containerID("events")
        let record = try context.store.load(id)
        let interval = try duration(options["interval"] ?? "5s")
        guard try context.store.status(record) != .stopped else {
            throw RuntimeError(.invalid, "container with id \(id) is not running")
        }
        let container = try context.store.container(id)
        if options.isOn("stats") { return try tell(container) }
        return try follow(container, every: interval)
    }

    private static func tell(_ container: Container) throws(RuntimeError) -> Int32 {
        try RuntimeCommand.print(
            Event(type: "stats", id: container.id, data: try container.statistics()), indent: nil)
    }

    private static func follow(_ container: Container, every interval: Int64) throws(RuntimeError) -> Int32 {
        let events = try container.memoryEvents()
        var kills = container.cgroup?.outOfMemoryKills() ?? 0
        var next = now() + interval
        while true {
            let wait = Int32(clamping: max(0, next - now()))
            var polls = [
                pollfd(fd: container.process.pidfd.rawValue, events: Int16(POLLIN), revents: 0), MemoryPoll.of(events),
                // Nobody may be left to read.
                pollfd(fd: 1, events: 0, revents: 0),
            ]
            if poll(&polls, nfds_t(polls.count), wait) < 0 { continue }
            if polls[1].revents != 0 {
                let happened = MemoryPoll.clear(events)
                let count = container.cgroup?.outOfMemoryKills() ?? kills
                if happened || count != kills, try tellOutOfMemory(container) != 0 { return 0 }
                kills = count
            }
            if polls[0].revents != 0 || polls[2].revents != 0 { return 0 }
            if now() >= next {
                next += interval
                if try tell(container) != 0 { return 0 }
            }
        }
    }

    private static func tellOutOfMemory(_ container: Container) throws(RuntimeError) -> Int32 {
        try RuntimeCommand.print(Event(type: "oom", id: container.id), indent: nil)
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// As Go writes it (`1m30s`, `500ms`), in milliseconds.
    static func duration(_ text: String) throws(RuntimeError) -> Int64 {
        let units: [(String, Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        var rest = text[...]
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            guard let value = Double(digits), let unit = units.first(where: { rest.hasPrefix($0.0) }) else { break }
            rest = rest.dropFirst(unit.0.count)
            total += value * unit.1
            if rest.isEmpty, total >= 1, total < 1e15 { return Int64(total) }
        }
        throw RuntimeError(.invalid, "duration interval must be greater than 0, not \"\(text)\"")
    }
}

/// How a group's memory events are waited for with poll(2).
private enum MemoryPoll {
    static func of(_ events: borrowing MemoryEvents?) -> pollfd {
        switch events {
        case .some(.eventfd(let counter)): pollfd(fd: counter.rawValue, events: Int16(POLLIN), revents: 0)
        case .some(.file(let file)): pollfd(fd: file.rawValue, events: Int16(POLLPRI), revents: 0)
        case .none: pollfd(fd: -1, events: 0, revents: 0)
        }
    }

    /// Makes ready to wait again. True: the event says by itself that memory has run out; else a count tells.
    static func clear(_ events: borrowing MemoryEvents?) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        switch events {
        case .some(.eventfd(let counter)): return read(counter.rawValue, &buffer, 8) == 8
        case .some(.file(let file)):
            _ = pread(file.rawValue, &buffer, buffer.count, 0)
            return false
        case .none: return false
        }
    }
}
