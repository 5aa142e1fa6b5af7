// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Glibc
internal import Linux
internal import Logging
internal import MetadataStore
internal import Networking
internal import Shim

/// Drives `Networks` without an engine, for tests that need a daemon's process in a namespace of its own: reads
/// commands from standard input, one a line, and answers each with one line. Ends with its input, or by being killed.
@main struct Probe {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else { return print("usage: network-probe DIRECTORY RUNTIME [OPTION=VALUE…]") }
        let directory = arguments[1]
        var configuration = NetworkConfiguration(execRoot: directory, runtime: arguments[2])
        for option in arguments.dropFirst(3) {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            switch parts.first {
            case "bip": configuration.bridgeAddress = parts.last
            case "bridge": configuration.bridge = parts.last
            default: return print("unknown option \(option)")
            }
        }
        let metadata = try MetadataStore(path: directory + "/probe.db")
        let launcher = try ShimLauncher(executable: arguments[2], cgroupParent: "/wharf-probe")
        let probe = Probe(
            networks: try Networks(
                metadata: metadata, configuration: configuration, launcher: launcher,
                logger: Logger(label: "probe", factory: { StreamLogHandler.standardError(label: $0) })))
        do { try await probe.networks.start() } catch { return print("error \(error)") }
        print("started")
        var held: [String: Sandbox] = [:]
        while let line = readLine() {
            do {
                print(try await probe.answer(line.split(separator: " ").map(String.init), &held))
            } catch {
                print("error \(error)".split(separator: "\n").joined(separator: " | "))
            }
        }
    }

    let networks: Networks

    /// One line, at once.
    static func print(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = line.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    }

    func answer(_ words: [String], _ held: inout [String: Sandbox]) async throws -> String {
        let rest = Array(words.dropFirst())
        switch words.first {
        case "apply":
            let sandbox = try await networks.apply(try networks.plan(try request(rest)))
            held[rest[0]] = sandbox
            return describe(sandbox)
        case "release":
            await networks.release(rest[0])
            held[rest[0]] = nil
            return "released"
        case "adopt":
            let found = try await networks.adopt(rest.map { LiveContainer(id: $0, name: $0) })
            return (["adopted"] + found.keys.sorted()).joined(separator: " ")
        case "time": return try await time(Int(rest[0]) ?? 1, Array(rest.dropFirst()))
        case "stop":
            networks.stop()
            return "stopped"
        default: return "unknown \(words)"
        }
    }

    /// `ID [MODE] [HOSTIP,HOSTPORT,PORT…]`
    private func request(_ words: [String]) throws -> SandboxRequest {
        var request = SandboxRequest(containerID: words[0], name: words[0], networkMode: "bridge")
        for word in words.dropFirst() {
            let parts = word.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, let port = PortSpec(parts[2]) else {
                request.networkMode = word
                continue
            }
            let known = (request.portBindings[port] ?? nil) ?? []
            request.portBindings[port] = known + [PortBinding(hostIP: parts[0], hostPort: parts[1])]
        }
        return request
    }

    private func describe(_ sandbox: Sandbox) -> String {
        var words = ["applied", "\(sandbox.networkNamespace?.rawValue ?? -1)"]
        words.append(sandbox.address?.description ?? "-")
        for (port, bindings) in sandbox.ports.sorted(by: { $0.key < $1.key }) {
            for binding in bindings ?? [] { words.append("\(port)=\(binding.hostIP)/\(binding.hostPort)") }
        }
        return words.joined(separator: " ")
    }

    /// Median microseconds of plan, apply, release.
    private func time(_ count: Int, _ ports: [String]) async throws -> String {
        var times: [[Int64]] = [[], [], []]
        for number in 0..<count {
            let request = try request(["timed\(number)"] + ports)
            let start = Timer.now
            let plan = try networks.plan(request)
            let planned = Timer.now
            let sandbox = try await networks.apply(plan)
            let applied = Timer.now
            await networks.release(request.containerID)
            withExtendedLifetime(sandbox) {}
            let end = Timer.now
            times[0].append(planned - start)
            times[1].append(applied - planned)
            times[2].append(end - applied)
            usleep(30_000)
        }
        let medians = times.map { $0.sorted()[count / 2] / 1000 }
        return "plan \(medians[0]) apply \(medians[1]) release \(medians[2])"
    }
}

private enum Timer {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
