// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import Linux

/// The content of a container's /etc/hosts.
package enum HostsFile {
    /// Names for loopback, the extra ones of `--add-host`, and the container's own.
    ///
    /// `extra` are `HostConfig.ExtraHosts`, `name:address` (or `name=address`); `host-gateway` stands for `gateway`.
    /// Throws for one that is neither.
    package static func content(
        hostname: String, domainname: String = "", address: IPv4Address?, extra: [String] = [],
        gateway: IPv4Address? = nil
    ) throws(EngineError) -> String {
        var text = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters

            """
        for entry in extra {
            let (name, address) = try parse(entry, gateway: gateway)
            text += "\(address)\t\(name)\n"
        }
        if let address {
            // Either of them may hold the dots of a full name; its first part is an alias.
            let full = domainname.isEmpty ? hostname : "\(hostname).\(domainname)"
            let short = full.firstIndex(of: ".").map { " " + full[..<$0] } ?? ""
            text += "\(address)\t\(full)\(short)\n"
        }
        return text
    }

    private static func parse(_ entry: String, gateway: IPv4Address?) throws(EngineError) -> (String, String) {
        guard let separator = entry.firstIndex(where: { $0 == ":" || $0 == "=" }), separator != entry.startIndex else {
            throw EngineError(.invalidParameter, "bad format for add-host: \"\(entry)\"")
        }
        let name = String(entry[..<separator])
        let value = String(entry[entry.index(after: separator)...])
        guard !name.contains(where: \.isWhitespace) else {
            throw EngineError(.invalidParameter, "bad format for add-host: \"\(entry)\"")
        }
        if value == "host-gateway" {
            guard let gateway else {
                throw EngineError(
                    .invalidParameter, "unable to derive the IP value for host-gateway; there is no default bridge")
            }
            return (name, "\(gateway)")
        }
        guard let address = HostAddress(value) else {
            throw EngineError(.invalidParameter, "invalid IP address in add-host: \"\(value)\"")
        }
        return (name, "\(address)")
    }
}

/// The content of a container's /etc/hostname.
package enum HostnameFile {
    package static func content(hostname: String) -> String { hostname + "\n" }
}
