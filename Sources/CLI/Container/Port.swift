// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import EngineAPI

/// `port`: shows where ports are published.
enum ContainerPort {
    static func run(_ session: Session) throws -> Int32 {
        let name = session.arguments[0]
        let container: ContainerInspect = try session.client().inspectContainer(name)
        let ports = container.networkSettings.ports
        if session.arguments.count == 2 {
            let wanted = session.arguments[1]
            guard let port = PortSpec(wanted), let bindings = ports[port] ?? nil, !bindings.isEmpty else {
                throw Failure("Error: No public port '\(wanted)' published for \(name)")
            }
            for binding in bindings { session.console.print(address(binding)) }
            return 0
        }
        for port in ports.keys.sorted() {
            for binding in (ports[port] ?? nil) ?? [] { session.console.print("\(port) -> \(address(binding))") }
        }
        return 0
    }

    private static func address(_ binding: PortBinding) -> String {
        binding.hostIP.contains(":")
            ? "[\(binding.hostIP)]:\(binding.hostPort)" : "\(binding.hostIP):\(binding.hostPort)"
    }
}
