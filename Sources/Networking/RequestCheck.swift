// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

/// `HostConfig.NetworkMode`, read.
enum NetworkMode: Equatable {
    case bridge, host, none
    /// Another container's, by its id.
    case container(String)
    case named(String)

    init(_ text: String) throws(EngineError) {
        switch text {
        case "", "default", "bridge": self = .bridge
        case "host": self = .host
        case "none": self = .none
        default:
            let prefix = "container:"
            self = text.hasPrefix(prefix) ? .container(String(text.dropFirst(prefix.utf8.count))) : .named(text)
        }
    }
}

/// What can be said about a request without looking at the host.
struct RequestCheck {
    var request: SandboxRequest
    /// The default bridge's.
    var subnet: IPv4Prefix?

    func run() throws(EngineError) {
        let mode = try NetworkMode(request.networkMode)
        switch mode {
        // Whoever asks for another's has nothing to say about it.
        case .named, .container: return
        case .bridge, .host, .none: break
        }
        let name = mode == .bridge ? "bridge" : request.networkMode
        for (key, settings) in request.endpoints.sorted(by: { $0.key < $1.key }) {
            let isDefault = key == "default" || key == request.networkMode || key == name
            guard isDefault || isKnownID(key) else {
                throw EngineError(
                    .notImplemented, "a container on more than one network is not implemented: \(name) and \(key)")
            }
            try check(settings, name)
        }
        try checkMAC(request.macAddress)
    }

    /// Clients may name the network by its id, which only the host knows.
    private func isKnownID(_ key: String) -> Bool { key.utf8.count == 64 && key.allSatisfy(\.isHexDigit) }

    private func check(_ settings: EndpointSettings, _ network: String) throws(EngineError) {
        var wrong: [String] = []
        let ipam = settings.ipamConfig
        let v4 = ipam?.ipv4Address ?? "", v6 = ipam?.ipv6Address ?? ""
        if !v4.isEmpty || !v6.isEmpty {
            wrong.append("user-specified IP address is supported on user-defined networks only")
        }
        if !v4.isEmpty {
            if let address = IPv4Address(v4) {
                if subnet.map({ !$0.contains(address) }) ?? true {
                    wrong.append("no configured subnet contains IP address \(v4)")
                }
            } else {
                wrong.append("invalid IPv4 address: \(v4)")
            }
        }
        if !(settings.aliases ?? []).isEmpty {
            wrong.append("network-scoped alias is supported only for containers in user defined networks")
        }
        guard wrong.isEmpty else {
            let list = wrong.map { "\n* \($0)" }.joined()
            throw EngineError(
                .invalidParameter, "invalid config for network \(network): invalid endpoint settings:\(list)")
        }
        if !(settings.links ?? []).isEmpty { throw EngineError(.notImplemented, "links are not implemented") }
        if !(settings.driverOpts ?? [:]).isEmpty {
            throw EngineError(.notImplemented, "driver options of endpoints are not implemented")
        }
        try checkMAC(settings.macAddress)
    }

    private func checkMAC(_ text: String) throws(EngineError) {
        if text.isEmpty { return }
        guard MACAddress(text)?.isUnicast == true else {
            throw EngineError(.invalidParameter, "invalid MAC address: \(text)")
        }
    }
}
