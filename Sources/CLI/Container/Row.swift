// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON

/// A container as a line of a list.
enum ContainerRow {
    static let headers = [
        "ID": "CONTAINER ID", "Names": "NAMES", "Image": "IMAGE", "Command": "COMMAND", "CreatedAt": "CREATED AT",
        "RunningFor": "CREATED", "Ports": "PORTS", "State": "STATE", "Status": "STATUS", "Size": "SIZE",
        "Labels": "LABELS", "Mounts": "MOUNTS", "LocalVolumes": "LOCAL VOLUMES", "Networks": "NETWORKS",
        "Platform": "PLATFORM",
    ]

    static func row(_ container: ContainerSummary, _ session: Session, isWhole: Bool) -> Row {
        let now = session.console.now()
        return Row(objects: ["Platform": platform(container)]) { name, arguments in
            switch name {
            case "ID": isWhole ? container.id : Human.shortID(container.id)
            case "Names": names(container, isWhole: isWhole)
            case "Image": image(container, isWhole: isWhole)
            case "Command": GoText.quoted(isWhole ? container.command : Human.ellipsis(container.command, 20))
            case "CreatedAt": Human.goTime(Timestamp(seconds: container.created))
            case "RunningFor": Human.ago(Timestamp(seconds: container.created), now: now)
            case "Ports": Ports.text(container.ports)
            case "State": container.state
            case "Status": container.status
            case "Size": size(container)
            case "Labels": KeyValues.text(container.labels)
            case "Label": container.labels[arguments.first ?? ""] ?? ""
            case "Mounts": mounts(container, isWhole: isWhole)
            case "LocalVolumes": String(container.mounts.count { $0.driver == "local" })
            case "Platform": platformText(container)
            case "Networks": container.networkSettings.networks.keys.sorted().joined(separator: ",")
            default: nil
            }
        }
    }

    private static func names(_ container: ContainerSummary, isWhole: Bool) -> String {
        let names = container.names.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        // A name with a slash inside is one that a link has given.
        return (isWhole ? names : names.filter { !$0.contains("/") }).joined(separator: ",")
    }

    private static func image(_ container: ContainerSummary, isWhole: Bool) -> String {
        if container.image.isEmpty { return "<no image>" }
        guard !isWhole else { return container.image }
        let short = Human.shortID(container.imageID)
        if short == Human.shortID(container.image) { return short }
        guard let at = container.image.firstIndex(of: "@") else { return container.image }
        return String(container.image[..<at])
    }

    private static func size(_ container: ContainerSummary) -> String {
        let text = Human.size(container.sizeRw ?? 0)
        let total = container.sizeRootFs ?? 0
        return total > 0 ? "\(text) (virtual \(Human.size(total)))" : text
    }

    private static func mounts(_ container: ContainerSummary, isWhole: Bool) -> String {
        container.mounts.map { mount in
            let name = mount.name.flatMap { $0.isEmpty ? nil : $0 } ?? mount.source
            return isWhole ? name : Human.ellipsis(name, 15)
        }.joined(separator: ",")
    }

    private static func platformText(_ container: ContainerSummary) -> String {
        guard let platform = container.imageManifestDescriptor?.platform else { return "" }
        return [platform.os, platform.architecture, platform.variant ?? ""].filter { !$0.isEmpty }
            .joined(separator: "/")
    }

    private static func platform(_ container: ContainerSummary) -> JSONValue {
        guard let platform = container.imageManifestDescriptor?.platform,
            let value = try? JSON.value(platform)
        else { return .null }
        return value
    }
}

/// Ports as a list shows them.
enum Ports {
    private struct Group {
        var first: UInt16
        var last: UInt16
    }

    /// `0.0.0.0:8000-8002->8000-8002/tcp, 0.0.0.0:32768->80/tcp, 443/tcp`: neighbours together, moved ones last.
    static func text(_ ports: [PortSummary]) -> String {
        var groups: [(key: [String], group: Group)] = []
        var finished: [String] = []
        var moved: [String] = []
        for port in ports.sorted(by: isBefore) {
            var key = ["", port.type]
            if let ip = port.ip, !ip.isEmpty {
                let published = port.publicPort ?? 0
                if published != port.privatePort {
                    moved.append("\(joined(ip, "\(published)"))->\(port.privatePort)/\(port.type)")
                    continue
                }
                key[0] = ip
            }
            guard let index = groups.firstIndex(where: { $0.key == key }) else {
                groups.append((key, Group(first: port.privatePort, last: port.privatePort)))
                continue
            }
            if groups[index].group.last &+ 1 == port.privatePort {
                groups[index].group.last = port.privatePort
            } else {
                finished.append(text(key, groups[index].group))
                groups[index].group = Group(first: port.privatePort, last: port.privatePort)
            }
        }
        return (finished + groups.map { text($0.key, $0.group) } + moved).joined(separator: ", ")
    }

    private static func text(_ key: [String], _ group: Group) -> String {
        let range = group.first == group.last ? "\(group.first)" : "\(group.first)-\(group.last)"
        return key[0].isEmpty ? "\(range)/\(key[1])" : "\(joined(key[0], range))->\(range)/\(key[1])"
    }

    private static func joined(_ ip: String, _ port: String) -> String {
        ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }

    private static func isBefore(_ a: PortSummary, _ b: PortSummary) -> Bool {
        (a.privatePort, a.ip ?? "", a.publicPort ?? 0, a.type) < (b.privatePort, b.ip ?? "", b.publicPort ?? 0, b.type)
    }
}
