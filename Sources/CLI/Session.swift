// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import JSON
internal import Linux

/// One call of one command: what it was given, and the engine it talks to.
final class Session {
    let parsed: ParsedCommand
    let console: Console
    private var connected: EngineClient?

    init(parsed: ParsedCommand, console: Console) {
        self.parsed = parsed
        self.console = console
    }

    var flags: FlagValues { parsed.flags }
    var arguments: [String] { parsed.arguments }

    /// The engine. Nothing is sent before the first call.
    func client() throws -> EngineClient {
        if let connected { return connected }
        let host = try HostChoice.host(parsed.globals, console.environment)
        let wanted = console.environment["DOCKER_API_VERSION"].flatMap { $0.isEmpty ? nil : APIVersion($0) }
        let client = EngineClient(host: host, version: wanted, userAgent: "\(ProductVersion.agent) (linux)")
        connected = client
        return client
    }

    /// Where the engine's socket is; nil: it is not reached by one of this machine's.
    func socketPath() throws -> String? {
        let host = try HostChoice.host(parsed.globals, console.environment).description
        return host.hasPrefix("unix://") ? String(host.dropFirst("unix://".utf8.count)) : nil
    }

    /// The values of `--filter`, as the server is given them. An empty one is left out.
    func filters() -> Filters {
        var values: [String: [String]] = [:]
        for filter in flags.list("filter") {
            guard let equals = filter.firstIndex(of: "=") else { continue }
            let name = String(filter[..<equals]).lowercased().trimmed()
            let value = String(filter[filter.index(after: equals)...]).trimmed()
            if values[name]?.contains(value) != true { values[name, default: []].append(value) }
        }
        return Filters(values)
    }

    /// Does something for each argument, in order. What fails is told at the end, and makes the status 1.
    func each(_ body: (EngineClient, String) throws -> String?) throws {
        let client = try client()
        var problems: [String] = []
        for name in arguments {
            do {
                if let line = try body(client, name) { console.print(line) }
            } catch { problems.append(Failure.text(of: error)) }
        }
        if !problems.isEmpty { throw Failure(problems.joined(separator: "\n")) }
    }

    /// As `each`, for calls that may take long: all at once, told in order.
    ///
    /// What `body` returns is said instead of the name, on standard error, and is no failure.
    func eachAtOnce(_ body: @escaping @Sendable (EngineClient, String) throws -> String?) throws {
        let client = try client()
        _ = try client.negotiatedVersion()
        let results = Parallel.map(arguments) { name -> CallResult in
            do { return try body(client, name).map(CallResult.note) ?? .done } catch {
                return .failure(Failure.text(of: error))
            }
        }
        var problems: [String] = []
        for (name, result) in zip(arguments, results) {
            switch result {
            case .done: console.print(name)
            case .note(let text): console.complain(text)
            case .failure(let text): problems.append(text)
            }
        }
        if !problems.isEmpty { throw Failure(problems.joined(separator: "\n")) }
    }

    private enum CallResult: Sendable {
        case done
        case note(String)
        case failure(String)
    }
}

extension String {
    func trimmed() -> String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
