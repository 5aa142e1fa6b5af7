// SPDX-License-Identifier: Apache-2.0

/// Another host, one cable away from the engine's: a second network namespace.
struct Outside {
    let engine: TestEngine
    /// The engine's host as the other one sees it, and the other one's own address.
    let host = "198.51.100.1"
    let own = "198.51.100.2"

    fileprivate var name: String { engine.name + "x" }

    /// Runs a command on the other host.
    func run(_ arguments: [String], timeout: Double = 15) throws -> Outcome {
        try IntegrationTests.run(["nsenter", "--net=/run/netns/" + name] + arguments, timeout: timeout)
    }
}

extension TestEngine {
    /// Puts a second host beside the engine's for as long as `body` runs.
    func withOutside(_ body: (Outside) throws -> Void) throws {
        let outside = Outside(engine: self)
        try mustRun(["ip", "netns", "add", outside.name])
        defer { _ = try? IntegrationTests.run(["ip", "netns", "del", outside.name]) }
        try mustRun(
            inNamespace(["ip", "link", "add", "outside", "type", "veth", "peer", "name", "eth0", "netns", outside.name])
        )
        defer { _ = try? IntegrationTests.run(inNamespace(["ip", "link", "del", "outside"])) }
        try mustRun(inNamespace(["ip", "address", "add", outside.host + "/24", "dev", "outside"]))
        try mustRun(inNamespace(["ip", "link", "set", "outside", "up"]))
        for command in [
            ["ip", "address", "add", outside.own + "/24", "dev", "eth0"], ["ip", "link", "set", "eth0", "up"],
            ["ip", "link", "set", "lo", "up"],
        ] {
            let outcome = try outside.run(command)
            guard outcome.status == 0 else { throw Failure("\(outcome)") }
        }
        try body(outside)
    }

    /// Fetches a page from the engine's own host.
    func fetch(_ url: String) throws -> Outcome {
        try IntegrationTests.run(inNamespace(["curl", "-sS", "--max-time", "5", url]), timeout: 10)
    }
}
