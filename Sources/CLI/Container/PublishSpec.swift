// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

/// The value of `-p`: `[address:][host port:]container port[/protocol]`, with ranges, or `target=…,published=…`.
enum PublishSpec {
    static func parse(_ specs: [String]) throws -> PortMap {
        var result: PortMap = [:]
        for spec in specs {
            for (port, binding) in try parse(spec) {
                var bindings = (result[port] ?? nil) ?? []
                if !bindings.contains(binding) { bindings.append(binding) }
                result[port] = bindings
            }
        }
        return result
    }

    /// `80`, `80/udp`, `8000-8010/tcp`.
    static func exposed(_ text: String) throws -> [PortSpec] {
        let (range, transport) = try splitProtocol(text, of: text)
        guard !text.contains(":") else { throw Failure("invalid port format for --expose: \(text)") }
        do {
            return try ports(range).map { PortSpec($0, transport) }
        } catch { throw Failure("invalid range format for --expose: \(text), error: \(Failure.text(of: error))") }
    }

    private static func parse(_ spec: String) throws -> [(PortSpec, PortBinding)] {
        if spec.contains("=") { return try parseLong(spec) }
        let (address, host, container) = split(spec)
        let ip = try checked(address)
        guard !container.isEmpty else { throw Failure("no port specified: \(spec)<empty>") }
        let (range, transport) = try splitProtocol(container, of: spec)
        let targets = try named("containerPort", range) { try ports(range) }
        guard !host.isEmpty else {
            return targets.map { (PortSpec($0, transport), PortBinding(hostIP: ip, hostPort: "")) }
        }
        let published = try named("hostPort", host) { try ports(host) }
        guard published.count == targets.count else {
            // One port may be published on a free one of a range.
            guard targets.count == 1 else {
                throw Failure("invalid ranges specified for container and host Ports: \(range) and \(host)")
            }
            return [(PortSpec(targets[0], transport), PortBinding(hostIP: ip, hostPort: host))]
        }
        return zip(targets, published).map { target, source in
            (PortSpec(target, transport), PortBinding(hostIP: ip, hostPort: String(source)))
        }
    }

    /// Splits at the last two colons; an address may be IPv6 in brackets.
    private static func split(_ spec: String) -> (address: String, host: String, container: String) {
        var parts = spec.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let container = parts.popLast() ?? ""
        let host = parts.popLast() ?? ""
        return (parts.joined(separator: ":"), host, container)
    }

    private static func checked(_ address: String) throws -> String {
        var text = address
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        guard text.isEmpty || HostAddress(text) != nil else { throw Failure("invalid IP address: \(address)") }
        return text
    }

    private static func splitProtocol(_ text: String, of spec: String) throws -> (String, PortSpec.Transport) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return (text, .tcp) }
        guard let transport = PortSpec.Transport(rawValue: parts[1].isEmpty ? "tcp" : parts[1].lowercased()) else {
            throw Failure("invalid proto: \(parts[1])")
        }
        return (String(parts[0]), transport)
    }

    private static func named<T>(_ what: String, _ text: String, _ body: () throws -> T) throws -> T {
        do { return try body() } catch { throw Failure("invalid \(what): \(text)") }
    }

    private static func ports(_ range: String) throws -> [UInt16] {
        let ends = range.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = number(ends[0]), let last = number(ends[ends.count - 1]) else {
            let text = ends.first { number($0) == nil } ?? ""
            let isNumber = !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber }
            throw Failure(
                "strconv.ParseUint: parsing \(GoText.quoted(String(text))): "
                    + (isNumber ? "value out of range" : "invalid syntax"))
        }
        guard first <= last else { throw Failure("invalid range specified for port: \(range)") }
        return Array(first...last)
    }

    private static func number(_ text: Substring) -> UInt16? {
        text.allSatisfy { $0.isASCII && $0.isNumber } ? UInt16(text) : nil
    }

    private static func parseLong(_ spec: String) throws -> [(PortSpec, PortBinding)] {
        var target: UInt16?
        var published = ""
        var transport = PortSpec.Transport.tcp
        for field in spec.split(separator: ",") {
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { throw Failure("invalid field: \(field)") }
            let value = String(pair[1])
            switch pair[0].lowercased() {
            case "target":
                guard let number = number(pair[1]) else {
                    throw Failure("invalid target port (\(value)): value must be an integer")
                }
                target = number
            case "published": published = value
            case "protocol":
                guard let known = PortSpec.Transport(rawValue: value.lowercased()) else {
                    throw Failure("invalid protocol value '\(value)'")
                }
                transport = known
            case "mode":
                guard value == "ingress" || value == "host" else {
                    throw Failure("invalid publish mode value '\(value)'")
                }
            default: throw Failure("invalid field key: \(pair[0])")
            }
        }
        guard let target else { throw Failure("missing mandatory field \"target\"") }
        return [(PortSpec(target, transport), PortBinding(hostIP: "", hostPort: published))]
    }
}
