// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import EngineAPI
internal import GoTemplate

/// `volume ls`: lists volumes by name.
enum VolumeListCommand {
    static func run(_ session: Session) throws -> Int32 {
        let volumes = try session.client().volumes(filters: session.filters()).volumes
            .sorted { NaturalOrder.isBefore($0.name, $1.name) }
        let list = Listing(
            typeName: "*formatter.volumeContext",
            headers: headers, table: "{{.Driver}}\t{{.Name}}", quiet: "{{.Name}}",
            raw: ("name: {{.Name}}\ndriver: {{.Driver}}\n", "name: {{.Name}}"))
        try list.print(volumes.map(row), session)
        return 0
    }

    static let headers = [
        "Name": "VOLUME NAME", "Driver": "DRIVER", "Scope": "SCOPE", "Mountpoint": "MOUNTPOINT", "Labels": "LABELS",
        "Links": "LINKS", "Size": "SIZE", "Availability": "AVAILABILITY", "Group": "GROUP", "Status": "STATUS",
    ]

    static func row(_ volume: Volume) -> Row {
        Row { name, arguments in
            switch name {
            case "Name": volume.name
            case "Driver": volume.driver
            case "Scope": volume.scope
            case "Mountpoint": volume.mountpoint
            case "Labels": KeyValues.text(volume.labels ?? [:])
            case "Label": volume.labels?[arguments.first ?? ""] ?? ""
            case "Links": volume.usageData.map { String($0.refCount) } ?? "N/A"
            case "Size": volume.usageData.map { Human.size($0.size, digits: 4) } ?? "N/A"
            case "Availability", "Group", "Status": "N/A"
            default: nil
            }
        }
    }
}
