// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Where an engine is: `unix:///run/wharf/wharf.sock`, `tcp://127.0.0.1:2375`.
package struct EngineHost: Sendable, Equatable, CustomStringConvertible {
    /// As it was written.
    package let description: String
    let address: StreamAddress

    package init(_ text: String) throws(ClientError) {
        description = text
        if text.hasPrefix("unix://"), text.utf8.count > 7 {
            address = .unix(String(text.dropFirst(7)))
            return
        }
        for scheme in ["tcp://", "http://"] where text.hasPrefix(scheme) {
            guard let (host, port) = Self.split(text.dropFirst(scheme.count)) else { break }
            address = .internet(host, port)
            return
        }
        throw ClientError(.usage, "unable to parse docker host `\(text)`")
    }

    private static func split(_ text: Substring) -> (host: String, port: UInt16)? {
        let text = text.hasSuffix("/") ? text.dropLast() : text
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let rest = text[text.index(after: end)...]
            guard let port = rest.isEmpty ? 2375 : UInt16(rest.dropFirst()), rest.isEmpty || rest.hasPrefix(":") else {
                return nil
            }
            return (String(text[text.index(after: text.startIndex)..<end]), port)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, !parts[0].isEmpty else { return nil }
        guard let port = parts.count == 2 ? UInt16(parts[1]) : 2375 else { return nil }
        return (String(parts[0]), port)
    }
}
