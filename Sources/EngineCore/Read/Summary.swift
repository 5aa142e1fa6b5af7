// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON

extension ContainerRecord {
    /// A line of `ps`.
    func summary(now: Timestamp) -> ContainerSummary {
        var line = ContainerSummary()
        line.id = id
        line.names = ["/" + name]
        line.image = config.image
        line.imageID = image
        line.imageManifestDescriptor = imageManifest
        line.command = ([path] + args.map(Self.quoted)).joined(separator: " ")
        line.created = created.nanoseconds / 1_000_000_000
        line.ports = portList()
        line.labels = config.labels ?? [:]
        line.state = state.status
        line.status = StatusText.text(state, created: created, now: now)
        line.hostConfig = SummaryHostConfig(networkMode: hostConfig.networkMode)
        line.networkSettings = SummaryNetworkSettings(networks: networks)
        line.mounts = mounts.map(\.point)
        return line
    }

    /// An argument with blanks is shown in quotes.
    private static func quoted(_ argument: String) -> String {
        argument.contains(" ") ? "'\(argument)'" : argument
    }

    /// Published ports, and those only exposed, of a container that runs.
    func portList() -> [PortSummary] {
        guard let ports = sandbox?.ports else { return [] }
        var list: [PortSummary] = []
        for (port, bindings) in ports.sorted(by: { $0.key < $1.key }) {
            for binding in bindings ?? [] {
                var line = PortSummary()
                line.ip = binding.hostIP
                line.privatePort = port.port
                line.publicPort = UInt16(binding.hostPort) ?? 0
                line.type = port.transport.rawValue
                list.append(line)
            }
            if (bindings ?? []).isEmpty {
                var line = PortSummary()
                line.privatePort = port.port
                line.type = port.transport.rawValue
                list.append(line)
            }
        }
        return list
    }
}

/// `Up 3 minutes (Paused)`, `Exited (0) 2 hours ago`: how long, in people's words.
enum StatusText {
    static func text(_ state: ContainerState, created: Timestamp, now: Timestamp) -> String {
        switch state.status {
        case "running":
            let health = state.health.map { " (\($0.status == "starting" ? "health: starting" : $0.status))" } ?? ""
            return "Up " + duration(since: state.startedAt, now) + health
        case "restarting": return "Restarting (\(state.exitCode)) \(duration(since: state.finishedAt, now)) ago"
        case "paused": return "Up \(duration(since: state.startedAt, now)) (Paused)"
        case "exited": return "Exited (\(state.exitCode)) \(duration(since: state.finishedAt, now)) ago"
        case "removing": return "Removal In Progress"
        case "dead": return "Dead"
        default: return "Created"
        }
    }

    private static func duration(since time: Timestamp, _ now: Timestamp) -> String {
        HumanDuration.text(seconds: max(0, now.nanoseconds - time.nanoseconds) / 1_000_000_000)
    }
}
