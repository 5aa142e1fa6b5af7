// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// The layout of `version`.
enum VersionText {
    static func client(_ facts: JSONObject) -> String {
        func fact(_ name: String) -> String { facts[name]?.string ?? "" }
        let version = fact("ApiVersion")
        let newest = fact("DefaultAPIVersion")
        var text = "Client:\n"
        text += line("Version:", fact("Version"), 1, 20)
        text += line("API version:", version == newest ? version : "\(version) (downgraded from \(newest))", 1, 20)
        text += line("Go version:", fact("GoVersion"), 1, 20)
        text += line("Git commit:", fact("GitCommit"), 1, 20)
        text += line("Built:", fact("BuildTime"), 1, 20)
        text += line("OS/Arch:", "\(fact("Os"))/\(fact("Arch"))", 1, 20)
        return text + line("Context:", fact("Context"), 1, 20)
    }

    static func serverText(_ server: JSONValue) -> String {
        let platform = server["Platform"]?["Name"]?.string ?? ""
        var text = platform.isEmpty ? "Server:\n" : "Server: \(platform)\n"
        for component in components(server) {
            text += " \(component["Name"]?.string ?? ""):\n"
            text += line("Version:", component["Version"]?.string ?? "", 2, 20)
            let details = component["Details"]
            func detail(_ name: String) -> String { details?[name]?.string ?? "" }
            if component["Name"]?.string == "Engine" {
                text += line(
                    "API version:", "\(detail("ApiVersion")) (minimum version \(detail("MinAPIVersion")))", 2, 20)
                text += line("Go version:", detail("GoVersion"), 2, 20)
                text += line("Git commit:", detail("GitCommit"), 2, 20)
                text += line("Built:", Human.cTime(detail("BuildTime")), 2, 20)
                text += line("OS/Arch:", "\(detail("Os"))/\(detail("Arch"))", 2, 20)
                text += line("Experimental:", detail("Experimental"), 2, 20)
                continue
            }
            for (name, value) in (details?.object?.members ?? []).sorted(by: { $0.key < $1.key }) {
                text += line("\(name):", value.string ?? "", 2, 20)
            }
        }
        return text
    }

    /// The engine's parts; an old engine that names none is one itself.
    private static func components(_ server: JSONValue) -> [JSONValue] {
        if let components = server["Components"]?.array, !components.isEmpty { return components }
        var details = JSONObject()
        for name in ["ApiVersion", "MinAPIVersion", "GoVersion", "GitCommit", "BuildTime", "Os", "Arch"] {
            details.append(name, server[name] ?? "")
        }
        details.append("Experimental", server["Experimental"] == true ? "true" : "false")
        return [.object(["Name": "Engine", "Version": server["Version"] ?? "", "Details": .object(details)])]
    }

    /// The engine's answer in the order, and with the build time, that templates see.
    static func server(_ answer: JSONValue) -> JSONValue {
        var result = JSONObject()
        result.append("Platform", answer["Platform"] ?? .object(["Name": ""]))
        if let components = answer["Components"]?.array { result.append("Components", .array(components.map(built))) }
        for name in [
            "Version", "ApiVersion", "MinAPIVersion", "GitCommit", "GoVersion", "Os", "Arch", "KernelVersion",
            "Experimental", "BuildTime",
        ] {
            if let value = answer[name], name != "BuildTime" || value != "" { result.append(name, value) }
        }
        return .object(result)
    }

    private static func built(_ component: JSONValue) -> JSONValue {
        guard var object = component.object, component["Name"] == "Engine", var details = object["Details"]?.object,
            let time = details["BuildTime"]?.string
        else { return component }
        details["BuildTime"] = .string(Human.cTime(time))
        object["Details"] = .object(details)
        return .object(object)
    }

    private static func line(_ name: String, _ value: String, _ indent: Int, _ column: Int) -> String {
        let start = String(repeating: " ", count: indent) + name
        return start + String(repeating: " ", count: max(1, column - start.count)) + value + "\n"
    }
}
