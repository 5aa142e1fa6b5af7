// SPDX-License-Identifier: Apache-2.0

extension HTTPHeaders {
    /// Where the body ends, as the fields say; nil if they don't. Two answers are a smuggled request: refused.
    fileprivate func framing() throws(HTTPParseError) -> HTTPFraming? {
        let encodings = all("Transfer-Encoding")
        let lengths = all("Content-Length")
        if !encodings.isEmpty {
            guard lengths.isEmpty else {
                throw HTTPParseError(400, "both Transfer-Encoding and Content-Length")
            }
            guard encodings.count == 1, sameName(encodings[0], "chunked") else {
                throw HTTPParseError(501, "unsupported transfer encoding: \(encodings.joined(separator: ", "))")
            }
            return .chunked
        }
        guard let first = lengths.first else { return nil }
        guard lengths.allSatisfy({ $0 == first }), !first.isEmpty, first.utf8.allSatisfy({ 48...57 ~= $0 }),
            let length = UInt64(first), length <= UInt64(Int64.max)
        else { throw HTTPParseError(400, "bad Content-Length") }
        return length == 0 ? HTTPFraming.none : .length(length)
    }
}

extension HTTPRequestHead {
    package func framing() throws(HTTPParseError) -> HTTPFraming {
        let framing = try headers.framing()
        if framing == .chunked, minorVersion == 0 { throw HTTPParseError(400, "a chunked body needs HTTP/1.1") }
        return framing ?? .none
    }
}

extension HTTPResponseHead {
    package func framing(method: String) throws(HTTPParseError) -> HTTPFraming {
        if method == "HEAD" || status < 200 || status == 204 || status == 304 { return .none }
        return try headers.framing() ?? .untilClose
    }
}

/// Takes the framing of a body off: a step at a time, so that what comes after it stays where it is.
package struct BodyDecoder: Sendable {
    package enum Step: Equatable, Sendable {
        /// `range` of the bytes given is body; `consumed` bytes are done with.
        case data(Range<Int>, consumed: Int)
        /// More bytes are needed; `consumed` are done with.
        case more(consumed: Int)
        /// The body is over; `consumed` belonged to it.
        case end(consumed: Int)
    }

    private enum State: Sendable {
        case length(UInt64)
        case untilClose
        case chunkLine
        case chunk(UInt64)
        case chunkEnd
        case trailers(Int)
        case done
    }

    private var state: State

    package init(_ framing: HTTPFraming) {
        switch framing {
        case .none: state = .done
        case .length(let length): state = .length(length)
        case .chunked: state = .chunkLine
        case .untilClose: state = .untilClose
        }
    }

    package var isDone: Bool { if case .done = state { true } else { false } }
    /// Whether the end of the stream is the end of the body, too.
    package var endsWithStream: Bool { if case .untilClose = state { true } else { isDone } }
    package mutating func step(_ bytes: UnsafeRawBufferPointer) throws(HTTPParseError) -> Step {
        var consumed = 0
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
            switch state {
            case .done: return .end(consumed: consumed)
            case .untilClose:
                return rest.isEmpty ? .more(consumed: consumed) : .data(consumed..<bytes.count, consumed: bytes.count)
            case .length(let length), .chunk(let length):
                guard !rest.isEmpty else { return .more(consumed: consumed) }
                let count = Int(min(length, UInt64(rest.count)))
                finish(length - UInt64(count))
                return .data(consumed..<consumed + count, consumed: consumed + count)
            case .chunkEnd:
                guard rest.count >= 2 else { return .more(consumed: consumed) }
                guard rest[0] == 13, rest[1] == 10 else { throw HTTPParseError(400, "a chunk is longer than it says") }
                consumed += 2
                state = .chunkLine
            case .chunkLine:
                guard let line = try line(rest, limit: HTTPLimits.chunkLine) else { return .more(consumed: consumed) }
                let size = try chunkSize(line)
                consumed += line.count + 2
                state = size == 0 ? .trailers(0) : .chunk(size)
            case .trailers(let size):
                guard let line = try line(rest, limit: HTTPLimits.trailerBytes) else {
                    return .more(consumed: consumed)
                }
                consumed += line.count + 2
                let total = size + line.count + 2
                guard total <= HTTPLimits.trailerBytes else { throw HTTPParseError(431, "the trailers are too large") }
                state = line.isEmpty ? .done : .trailers(total)
            }
        }
    }

    private mutating func finish(_ rest: UInt64) {
        switch state {
        case .length: state = rest == 0 ? .done : .length(rest)
        case .chunk: state = rest == 0 ? .chunkEnd : .chunk(rest)
        default: break
        }
    }

    private func line(
        _ bytes: UnsafeRawBufferPointer, limit: Int
    ) throws(HTTPParseError) -> UnsafeRawBufferPointer? {
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(limit + 2))
        guard let end = window.firstIndex(of: 10) else {
            guard window.count < limit + 2 else { throw HTTPParseError(400, "a chunk's line is too long") }
            return nil
        }
        guard end > 0, window[end - 1] == 13 else { throw HTTPParseError(400, "malformed chunked body") }
        return UnsafeRawBufferPointer(rebasing: window[..<(end - 1)])
    }

    private func chunkSize(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) -> UInt64 {
        var size: UInt64 = 0
        var digits = 0
        for byte in line {
            let digit: UInt8
            switch byte {
            case 48...57: digit = byte - 48
            case 65...70: digit = byte - 55
            case 97...102: digit = byte - 87
            case 59, 32, 9:  // extensions
                guard digits > 0 else { throw HTTPParseError(400, "malformed chunk size") }
                return size
            default: throw HTTPParseError(400, "malformed chunk size")
            }
            digits += 1
            guard digits <= 15 else { throw HTTPParseError(400, "a chunk is too large") }
            size = size << 4 | UInt64(digit)
        }
        guard digits > 0 else { throw HTTPParseError(400, "malformed chunk size") }
        return size
    }
}
