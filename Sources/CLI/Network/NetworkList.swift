// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import GoTemplate

/// `network ls`: lists networks by name.
enum NetworkList {
    static func run(_ session: Session) throws -> Int32 {
        let networks = try session.client().networks(filters: session.filters())
            .sorted { NaturalOrder.isBefore($0.name, $1.name) }
        let isWhole = session.flags.bool("no-trunc")
        let list = Listing(
            typeName: "*formatter.networkContext",
            headers: [
                "ID": "NETWORK ID", "Name": "NAME", "Driver": "DRIVER", "Scope": "SCOPE", "IPv4": "IPV4",
                "IPv6": "IPV6", "Internal": "INTERNAL", "Labels": "LABELS", "CreatedAt": "CREATED AT",
            ],
            table: "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}", quiet: "{{.ID}}",
            raw: (
                "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
                "network_id: {{.ID}}"
            ))
        try list.print(networks.map { row($0, isWhole: isWhole) }, session)
        return 0
    }

    private static func row(_ network: NetworkInspect, isWhole: Bool) -> Row {
        Row { name, arguments in
            switch name {
            case "ID": isWhole ? network.id : Human.shortID(network.id)
            case "Name": network.name
            case "Driver": network.driver
            case "Scope": network.scope
            case "IPv4": "\(network.enableIPv4)"
            case "IPv6": "\(network.enableIPv6)"
            case "Internal": "\(network.isInternal)"
            case "Labels": KeyValues.text(network.labels)
            case "Label": network.labels[arguments.first ?? ""] ?? ""
            case "CreatedAt": Human.goTime(network.created)
            default: nil
            }
        }
    }
}
