// SPDX-License-Identifier: Apache-2.0

/// An image's name, normalised as Docker does: `busybox` is `docker.io/library/busybox`.
///
/// The grammar is that of the distribution project: `[domain/]path[:tag][@digest]`.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// `docker.io`, `localhost:5000`.
    package var domain: String
    /// `library/busybox`.
    package var path: String
    package var tag: String?
    package var digest: Digest?

    private static let defaultDomain = "docker.io"
    private static let officialPath = "library/"
    private static let longestName = 255

    /// Reads a name as a user writes it. Throws `ReferenceError` with Docker's text.
    package init(_ text: String) throws(ReferenceError) {
        if text.utf8.count == 64, text.utf8.allSatisfy(\.isLowerHexDigit) {
            throw .init("invalid repository name (\(text)), cannot specify 64-byte hexadecimal strings")
        }
        let (domain, remainder) = Self.split(text)
        let path = remainder.prefix { $0 != ":" }
        guard path.lowercased() == path else {
            throw .init("invalid reference format: repository name (\(path)) must be lowercase")
        }
        try self.init(domain: domain, remainder: remainder)
    }

    private init(domain: String, remainder: String) throws(ReferenceError) {
        let malformed = ReferenceError("invalid reference format")
        var rest = remainder[...]
        var digest: String?
        if let at = rest.firstIndex(of: "@") {
            digest = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        if let colon = rest.firstIndex(of: ":") {
            let tag = String(rest[rest.index(after: colon)...])
            guard Self.isTag(tag) else { throw malformed }
            self.tag = tag
            rest = rest[..<colon]
        }
        guard ReferenceGrammar.isDomain(domain), ReferenceGrammar.isPath(rest) else { throw malformed }
        guard rest.utf8.count <= Self.longestName else {
            throw .init("repository name must not be more than \(Self.longestName) characters")
        }
        self.domain = domain
        path = String(rest)
        if let digest {
            guard ReferenceGrammar.isDigest(digest) else { throw malformed }
            self.digest = try Digest(digest)
        }
    }

    /// What is before the first `/` is a domain if it looks like one: with a dot, a port or upper case, or `localhost`.
    private static func split(_ text: String) -> (domain: String, remainder: String) {
        var domain = defaultDomain
        var remainder = text
        if let slash = text.firstIndex(of: "/") {
            let first = text[..<slash]
            if first.contains(".") || first.contains(":") || first == "localhost" || first.lowercased() != first {
                domain = first == "index.docker.io" ? defaultDomain : String(first)
                remainder = String(text[text.index(after: slash)...])
            }
        }
        if domain == defaultDomain, !remainder.contains("/") { remainder = officialPath + remainder }
        return (domain, remainder)
    }

    /// Whether `text` can be a tag: a word character, then up to 127 of word characters, dots and hyphens.
    package static func isTag(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        let isWord = { (byte: UInt8) in byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") }
        return isWord(first)
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// `docker.io/library/busybox`.
    package var repository: String { "\(domain)/\(path)" }

    /// The full name: `docker.io/library/busybox:latest`.
    package var description: String { repository + suffix }

    /// The repository as people see it: `busybox`.
    package var familiarRepository: String {
        guard domain == Self.defaultDomain else { return repository }
        let short = path.dropFirst(Self.officialPath.count)
        return path.hasPrefix(Self.officialPath) && !short.contains("/") ? String(short) : path
    }

    /// The name as people see it: `busybox:latest`.
    package var familiar: String { familiarRepository + suffix }

    private var suffix: String { (tag.map { ":" + $0 } ?? "") + (digest.map { "@\($0)" } ?? "") }

    /// With the tag `latest` if it has neither tag nor digest.
    package var tagged: ImageReference {
        var result = self
        if tag == nil, digest == nil { result.tag = "latest" }
        return result
    }

    /// Without tag and digest.
    package var untagged: ImageReference {
        var result = self
        result.tag = nil
        result.digest = nil
        return result
    }
}
