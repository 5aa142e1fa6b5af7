// SPDX-License-Identifier: Apache-2.0

/// cgroup v2's files as properties of a unit (systemd.resource-control(5)).
///
/// systemd writes what its units say to these files whenever it looks after the group anew (`systemctl daemon-reload`,
/// another property of the unit), so that a limit that it does not know of is lost. The files are written first, by the
/// one who knows how; what they then say is what the unit is told.
enum SystemdLimits {
    /// `read` gives a file's content, nil where its controller is missing.
    static func properties(read: (String) -> String?) -> [SystemdManager.Property] {
        var result: [SystemdManager.Property] = []
        for (file, name) in amounts {
            guard let text = read(file), let amount = amount(text) else { continue }
            result.append((name, .uint64(amount)))
        }
        result += bandwidth(read("cpu.max") ?? "")
        // systemd's word for cpu.idle is a weight of 0.
        if read("cpu.idle").flatMap(amount) == 1 {
            result.append(("CPUWeight", .uint64(0)))
        } else if let weight = read("cpu.weight").flatMap(amount), weight > 0 {
            result.append(("CPUWeight", .uint64(weight)))
        }
        for (file, name) in [("cpuset.cpus", "AllowedCPUs"), ("cpuset.mems", "AllowedMemoryNodes")] {
            guard let text = read(file) else { continue }
            result.append((name, .array(of: "y", mask(text).map { .byte($0) })))
        }
        if let weight = read("io.weight").flatMap(defaultWeight) { result.append(("IOWeight", .uint64(weight))) }
        result += throttles(read("io.max") ?? "")
        return result
    }

    private static let amounts = [
        ("memory.min", "MemoryMin"), ("memory.low", "MemoryLow"), ("memory.high", "MemoryHigh"),
        ("memory.max", "MemoryMax"), ("memory.swap.max", "MemorySwapMax"), ("pids.max", "TasksMax"),
    ]

    /// `max` is systemd's infinity, the greatest number there is.
    private static func amount(_ text: some StringProtocol) -> UInt64? {
        let word = text.prefix { !$0.isWhitespace }
        return word == "max" ? .max : UInt64(word)
    }

    /// systemd counts time in each second, and its period apart. Rounded up to whole percents of a processor, as runc
    /// does: systemd remembers no more over a daemon-reload, and would round down.
    static func bandwidth(_ text: String) -> [SystemdManager.Property] {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let quota = amount(words[0]), let period = UInt64(words[1]),
            (1...1_000_000_000).contains(period)
        else { return [] }
        var perSecond = UInt64.max
        if quota != .max {
            let (product, overflow) = quota.multipliedReportingOverflow(by: 1_000_000)
            let percents = product / period / 10_000 + (product % (period * 10_000) == 0 ? 0 : 1)
            perSecond = overflow ? .max : percents * 10_000
        }
        return [("CPUQuotaPerSecUSec", .uint64(perSecond)), ("CPUQuotaPeriodUSec", .uint64(period))]
    }

    /// `0-2,8` as bits, lowest first.
    static func mask(_ list: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for range in list.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last, last < 1 << 16 else { continue }
            while bytes.count <= last / 8 { bytes.append(0) }
            for number in first...last { bytes[number / 8] |= 1 << UInt8(number % 8) }
        }
        return bytes
    }

    /// `default 100`
    private static func defaultWeight(_ text: String) -> UInt64? {
        text.split(separator: "\n").first { $0.hasPrefix("default ") }.flatMap { UInt64($0.dropFirst(8)) }
    }

    private static let directions = [
        ("rbps=", "IOReadBandwidthMax"), ("wbps=", "IOWriteBandwidthMax"), ("riops=", "IOReadIOPSMax"),
        ("wiops=", "IOWriteIOPSMax"),
    ]

    /// Lines of io.max: `254:0 rbps=1048576 wbps=max riops=max wiops=max`. systemd names devices by path.
    static func throttles(_ text: String) -> [SystemdManager.Property] {
        var lists: [String: [BusValue]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            for (key, name) in directions {
                guard let device = words.first, let word = words.first(where: { $0.hasPrefix(key) }),
                    let amount = amount(word.dropFirst(key.utf8.count))
                else { continue }
                lists[name, default: []].append(.structure([.string("/dev/block/\(device)"), .uint64(amount)]))
            }
        }
        return directions.compactMap { _, name in lists[name].map { (name, .array(of: "(st)", $0)) } }
    }
}
