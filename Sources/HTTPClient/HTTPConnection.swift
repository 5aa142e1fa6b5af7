// SPDX-License-Identifier: Apache-2.0

package import HTTPMessage
package import Linux

/// What a request carries.
package enum HTTPRequestBody {
    case none
    case bytes([UInt8])
    /// Chunked: filled until the closure returns 0.
    case stream((UnsafeMutableRawBufferPointer) throws -> Int)
}

/// Why an exchange failed before it had an answer.
package enum HTTPClientError: Error {
    case connect(Errno)
    case transfer(Errno)
    /// The connection ended in the middle.
    case closed
    /// What came is not HTTP.
    case malformed(HTTPParseError)
}

/// One connection to a server, on plain blocking sockets; one exchange at a time, by one thread at a time.
///
/// `wharf` must start in two milliseconds and waits for one or two sockets: an event loop would only cost (see
/// docs/decisions).
package final class HTTPConnection: @unchecked Sendable {  // one holder at a time uses it: EngineClient hands it out
    /// What is kept of an early answer while a body is still going out.
    private static let maximumEarlyBytes = 1 << 20
    private static let chunk = 64 << 10

    private var socket: SharedDescriptor?
    /// Read and not yet used.
    private var inbound: [UInt8] = []
    private var hasEnded = false
    /// Whether another request may follow.
    package private(set) var isReusable = false

    package init(to address: StreamAddress) throws(HTTPClientError) {
        do throws(Errno) { socket = SharedDescriptor(try StreamSocket.connect(address)) } catch {
            throw .connect(error)
        }
    }

    /// The socket, to poll it. Valid while this object lives and was not hijacked.
    package var descriptor: Int32 { socket?.rawValue ?? -1 }
    /// Whether bytes were read that nobody has asked for: poll would not tell.
    package var hasBuffered: Bool { !inbound.isEmpty }

    /// Sends a request and waits for the head of its answer.
    package func exchange(_ head: HTTPRequestHead, _ body: HTTPRequestBody) throws -> HTTPResponse {
        isReusable = false
        var head = head
        switch body {
        case .none:
            if head.method != "GET", head.method != "HEAD" { head.headers.set("Content-Length", "0") }
            try sendAll(head.serialized())
        case .bytes(let bytes):
            head.headers.set("Content-Length", String(bytes.count))
            try sendAll(head.serialized() + bytes)
        case .stream(let fill):
            head.headers.set("Transfer-Encoding", "chunked")
            try sendAll(head.serialized())
            try sendChunks(fill)
        }
        let response = try readHead()
        let framing = try parsing { () throws(HTTPParseError) in try response.framing(method: head.method) }
        let keeps =
            response.minorVersion == 1 && !response.headers.contains("Connection", token: "close")
            && framing != .untilClose
        return HTTPResponse(head: response, connection: self, framing: framing, keepsAlive: keeps)
    }

    /// Gives the socket away, with the bytes that came after the response's head; nil the second time.
    package func hijack() -> (socket: SharedDescriptor, buffered: [UInt8])? {
        guard let socket = socket.take() else { return nil }
        defer { inbound = [] }
        return (socket, inbound)
    }

    func finished(reusable: Bool) { isReusable = reusable && !hasEnded && inbound.isEmpty }

    private func readHead() throws -> HTTPResponseHead {
        while true {
            var parser = HeadParser()
            let result = try parsing { () throws(HTTPParseError) in
                var parsed: Result<(HTTPResponseHead, Int)?, HTTPParseError> = .success(nil)
                inbound.withUnsafeBytes { bytes in
                    do throws(HTTPParseError) {
                        parsed = .success(try parser.response(bytes).map { ($0.head, $0.consumed) })
                    } catch { parsed = .failure(error) }
                }
                return try parsed.get()
            }
            if let (head, consumed) = result {
                inbound.removeFirst(consumed)
                // 100 Continue and its like come before the answer.
                if head.status >= 200 || head.status == 101 { return head }
                continue
            }
            guard try fill() else { throw HTTPClientError.closed }
        }
    }

    /// Takes the next piece of a body; false when there will be no more bytes.
    func withInbound(_ body: (UnsafeRawBufferPointer) throws -> Int) throws {
        let used = try inbound.withUnsafeBytes { try body($0) }
        if used == inbound.count { inbound.removeAll(keepingCapacity: true) } else { inbound.removeFirst(used) }
    }

    /// Waits for more bytes; false at the end of the stream.
    func fill() throws -> Bool {
        guard !hasEnded, socket != nil else { return false }
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        let count: Int
        do throws(Errno) { count = try read(into: &buffer) } catch {
            // A server that answers and closes without reading the rest resets; the answer is what counts.
            guard error.code == .connectionReset, !inbound.isEmpty else { throw HTTPClientError.transfer(error) }
            count = 0
        }
        if count == 0 { hasEnded = true }
        inbound.append(contentsOf: buffer[..<count])
        return count > 0
    }

    private func read(into buffer: inout [UInt8]) throws(Errno) -> Int {
        guard let socket else { return 0 }
        var result: Result<Int, Errno> = .success(0)
        buffer.withUnsafeMutableBytes { bytes in
            do throws(Errno) { result = .success(try socket.descriptor.read(into: bytes)) } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    private func sendChunks(_ fill: (UnsafeMutableRawBufferPointer) throws -> Int) throws {
        var buffer = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try fill($0) }
            let piece = Array((String(count, radix: 16) + "\r\n").utf8) + buffer[..<count] + [13, 10]
            guard try sendAll(piece) else { return }  // the answer is already there
            if count == 0 { return }
        }
    }

    /// Sends all of it, reading what comes meanwhile so that neither side waits for the other. False if the server has
    /// stopped reading, which it does when its answer is known.
    @discardableResult
    private func sendAll(_ bytes: [UInt8]) throws -> Bool {
        var sent = 0
        while sent < bytes.count {
            do throws(Errno) {
                let count = try send(bytes, from: sent)
                sent += count
                if count > 0 { continue }
                let ready = try StreamSocket.wait(
                    descriptor, reading: inbound.count < Self.maximumEarlyBytes && !hasEnded, writing: true)
                if !ready.readable { continue }
            } catch {
                if error.code == .brokenPipe || error.code == .connectionReset { return false }
                throw HTTPClientError.transfer(error)
            }
            if try !self.fill() { return false }
        }
        return true
    }

    private func send(_ bytes: [UInt8], from start: Int) throws(Errno) -> Int {
        var result: Result<Int, Errno> = .success(0)
        bytes.withUnsafeBytes { buffer in
            do throws(Errno) {
                result = .success(try StreamSocket.send(descriptor, UnsafeRawBufferPointer(rebasing: buffer[start...])))
            } catch { result = .failure(error) }
        }
        return try result.get()
    }

    private func parsing<T>(_ body: () throws(HTTPParseError) -> T) throws -> T {
        do throws(HTTPParseError) { return try body() } catch { throw HTTPClientError.malformed(error) }
    }
}
