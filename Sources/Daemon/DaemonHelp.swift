// SPDX-License-Identifier: Apache-2.0

/// What `wharfd --help` prints, from the table of settings.
package enum DaemonHelp {
    package static var text: String {
        var rows: [(String, String)] = Setting.all.filter { !$0.help.isEmpty }.map { setting in
            let short = setting.short.map { "-\($0), " } ?? "    "
            let value =
                switch setting.value {
                case .text(let name), .list(let name): " \(name)"
                case .flag: ""
                case .options: " NAME=VALUE"
                case .runtimes: " NAME=PATH"
                }
            let key = setting.key.map { $0 == setting.flag ? "" : " (\($0) in daemon.json)" } ?? " (not in daemon.json)"
            return ("\(short)--\(setting.flag)\(value)", setting.help + key)
        }
        rows += [
            ("-h, --help", "Print this and exit"), ("    --validate", "Check the configuration and exit"),
            ("-v, --version", "Print the version and exit"),
        ]
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        let lines = rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count) + $0.1 }
        return "Usage: wharfd [OPTIONS]\n\nThe Wharf container engine's daemon.\n\nOptions:\n"
            + lines.joined(separator: "\n") + "\n"
    }
}
