// SPDX-License-Identifier: Apache-2.0

/// Finds and reads message heads in bytes that come in pieces. Strict: lines end in CRLF, no folding, no space before a
/// colon, one way to say where the body ends.
package struct HeadParser: Sendable {
    /// What was searched already.
    private var scanned = 0

    package init() {}

    /// Reads a request's head from the start of `bytes`; nil if it is not complete yet.
    package mutating func request(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> (head: HTTPRequestHead, consumed: Int)? {
        // An empty line before a request is tolerated (RFC 9112, 2.2).
        var start = 0
        while bytes.count >= start + 2, start < 4, bytes[start] == 13, bytes[start + 1] == 10 { start += 2 }
        guard let (lines, consumed) = try lines(UnsafeRawBufferPointer(rebasing: bytes[start...])) else { return nil }
        let parts = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, let version = minorVersion(parts[2]) else {
            throw HTTPParseError(400, "malformed HTTP request")
        }
        guard isToken(parts[0]), isTarget(parts[1]) else { throw HTTPParseError(400, "malformed HTTP request line") }
        let headers = try fields(lines.dropFirst())
        if version == 1, headers.all("Host").count != 1 {
            throw HTTPParseError(400, "a request has exactly one Host header")
        }
        let head = HTTPRequestHead(
            method: String(parts[0]), target: String(parts[1]), minorVersion: version, headers: headers)
        return (head, start + consumed)
    }

    /// Reads a response's head; nil if it is not complete yet.
    package mutating func response(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> (head: HTTPResponseHead, consumed: Int)? {
        guard let (lines, consumed) = try lines(bytes) else { return nil }
        let parts = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let version = minorVersion(parts[0]), parts[1].utf8.count == 3,
            let status = Int(parts[1]), status >= 100
        else { throw HTTPParseError(400, "malformed HTTP response") }
        let reason = parts.count == 3 ? String(parts[2]) : ""
        let headers = try fields(lines.dropFirst())
        return (
            HTTPResponseHead(status: status, reason: reason, minorVersion: version, headers: headers), consumed
        )
    }

    /// The lines before the first empty one, and how many bytes they took with it.
    private mutating func lines(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HTTPParseError) -> (lines: [Substring], consumed: Int)? {
        var index = max(scanned - 3, 0)
        while index + 3 < bytes.count {
            if bytes[index + 3] > 13 {
                index += 4
            } else if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 {
                scanned = 0
                return (try split(UnsafeRawBufferPointer(rebasing: bytes[..<index])), index + 4)
            } else {
                index += 1
            }
        }
        scanned = bytes.count
        guard bytes.count <= HTTPLimits.headBytes else { throw HTTPParseError(431, "the request's head is too large") }
        return nil
    }

    private func split(_ head: UnsafeRawBufferPointer) throws(HTTPParseError) -> [Substring] {
        guard head.count <= HTTPLimits.headBytes else { throw HTTPParseError(431, "the request's head is too large") }
        var previous: UInt8 = 0
        for byte in head {
            let isBreak = byte == 10 ? previous == 13 : true
            guard isBreak, previous != 13 || byte == 10, byte >= 32 || byte == 9 || byte == 13 || byte == 10,
                byte != 127
            else { throw HTTPParseError(400, "a control character in the request's head") }
            previous = byte
        }
        guard previous != 13 else { throw HTTPParseError(400, "a control character in the request's head") }
        // "\r\n" is one Character.
        let text = String(decoding: head, as: UTF8.self)
        return text.split(separator: "\r\n", omittingEmptySubsequences: false)
    }

    private func fields(_ lines: ArraySlice<Substring>) throws(HTTPParseError) -> HTTPHeaders {
        guard lines.count <= HTTPLimits.headerFields else { throw HTTPParseError(431, "too many header fields") }
        var headers = HTTPHeaders()
        for line in lines {
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), isToken(line[..<colon]) else {
                throw HTTPParseError(400, "malformed header field")
            }
            headers.add(String(line[..<colon]), String(trimmed(line[line.utf8.index(after: colon)...])))
        }
        return headers
    }

    private func minorVersion(_ text: Substring) -> Int? {
        switch text {
        case "HTTP/1.1": 1
        case "HTTP/1.0": 0
        default: nil
        }
    }

    private func isTarget(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && $0 != 127 }
    }
}

/// A method's or a field's name: RFC 9110's token.
private func isToken(_ text: Substring) -> Bool {
    !text.isEmpty
        && text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            case 33, 35...39, 42, 43, 45, 46, 94, 95, 96, 124, 126: true
            default: false
            }
        }
}
