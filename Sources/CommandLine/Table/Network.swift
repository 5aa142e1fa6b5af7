// SPDX-License-Identifier: Apache-2.0

extension CommandTable {
    static let network: [Command] = [
        Command(
            "network connect", "[OPTIONS] NETWORK CONTAINER", .exactly(2),
            "Attach a container to a network",
            status: .later("networks of one's own")
        ) {
            [
                Flag("alias", .strings, "Extra name on the network"),
                Flag("driver-opt", .strings, "Option of the network's driver"),
                Flag("gw-priority", .int, "Whose gateway is the default: the highest"),
                Flag("ip", .string, "IPv4 address to have"),
                Flag("ip6", .string, "IPv6 address to have"),
                Flag("link", .list, "Container to link to"),
                Flag("link-local-ip", .strings, "Link-local address to have"),
            ]
        },
        Command(
            "network create", "[OPTIONS] NETWORK", .exactly(1),
            "Make a network",
            status: .later("networks of one's own")
        ) {
            [
                Flag("attachable", .bool, "Let single containers join"),
                Flag("aux-address", .map, "Address the driver uses itself", default: "map[]"),
                Flag("config-from", .string, "Network to copy settings from"),
                Flag("config-only", .bool, "Hold settings only"),
                Flag("driver", "d", .string, "Driver to use", default: "bridge"),
                Flag("gateway", .strings, "Gateway of the subnet"),
                Flag("ingress", .bool, "Make the swarm's routing mesh"),
                Flag("internal", .bool, "No way out"),
                Flag("ip-range", .strings, "Part of the subnet to give addresses from"),
                Flag("ipam-driver", .string, "Driver that hands out addresses", default: "default"),
                Flag("ipam-opt", .map, "Option of the address driver", default: "map[]"),
                Flag("ipv4", .bool, "Hand out IPv4 addresses", default: "true"),
                Flag("ipv6", .bool, "Hand out IPv6 addresses"),
                Flag("label", .list, "Label, as key=value"),
                Flag("opt", "o", .map, "Option of the driver", default: "map[]"),
                Flag("scope", .string, "How far it reaches"),
                Flag("subnet", .strings, "Subnet, in CIDR form"),
            ]
        },
        Command(
            "network disconnect", "[OPTIONS] NETWORK CONTAINER", .exactly(2),
            "Detach a container from a network",
            status: .later("networks of one's own")
        ) {
            [
                Flag("force", "f", .bool, "Don't ask, do it")
            ]
        },
        Command(
            "network inspect", "[OPTIONS] NETWORK [NETWORK...]", .atLeast(1),
            "Show everything about networks"
        ) {
            [
                Flag("format", "f", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("verbose", "v", .bool, "Print more"),
            ]
        },
        Command(
            "network ls, network list", "[OPTIONS]", .none,
            "List networks"
        ) {
            [
                Flag("filter", "f", .filter, "Only what matches"),
                Flag("format", .string, "How to print: \"table\", \"table TEMPLATE\", \"json\" or a Go template"),
                Flag("no-trunc", .bool, "Print values whole"),
                Flag("quiet", "q", .bool, "Print IDs only"),
            ]
        },
        Command(
            "network prune", "[OPTIONS]", .none,
            "Remove networks nobody uses",
            status: .later("networks of one's own")
        ) {
            [
                Flag("filter", .filter, "Only what matches"),
                Flag("force", "f", .bool, "Don't ask, do it"),
            ]
        },
        Command(
            "network rm, network remove", "NETWORK [NETWORK...]", .atLeast(1),
            "Remove networks",
            status: .later("networks of one's own")
        ) {
            [
                Flag("force", "f", .bool, "Don't ask, do it")
            ]
        },
    ]
}
