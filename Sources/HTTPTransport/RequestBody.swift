// SPDX-License-Identifier: Apache-2.0

internal import HTTPMessage
internal import Linux
package import NIOCore
internal import Synchronization

/// A request's body, read from the socket as its one reader asks for it.
package struct RequestBody: Sendable {
    let connection: Connection
    let exchange: Exchange

    /// Waits for the next piece; nil at the end.
    package func next() async throws -> ByteBuffer? {
        try await withCheckedThrowingContinuation { continuation in
            connection.requestBody(exchange) { continuation.resume(with: $0) }
        }
    }

    /// Reads all of it, refusing more than `limit` bytes with `bodyTooLarge`.
    package func collect(limit: Int) async throws -> [UInt8] {
        if case .length(let length) = exchange.framing, length > UInt64(limit) { throw HTTPServerError.bodyTooLarge }
        var result: [UInt8] = []
        while let piece = try await next() {
            guard result.count + piece.readableBytes <= limit else { throw HTTPServerError.bodyTooLarge }
            result.append(contentsOf: piece.readableBytesView)
        }
        return result
    }

    /// The body for one reader on a thread that may block: never one of Swift's pool or of NIO's.
    package func blocking() -> BlockingBody { BlockingBody(body: self) }

    fileprivate func nextBlocking() throws -> ByteBuffer? {
        let box = Handover<Result<ByteBuffer?, any Error>>()
        connection.requestBody(exchange) { box.put($0) }
        return try box.wait().get()
    }
}

/// A body that is read by blocking calls: a piece is taken off the connection when it is wanted, and no more than that.
package final class BlockingBody: Sendable {
    private let body: RequestBody
    private let piece = Mutex(ByteBuffer())

    init(body: RequestBody) { self.body = body }

    /// Reads at least one byte; 0 means the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = piece.withLock { piece in
                piece.readWithUnsafeReadableBytes { bytes in
                    let count = min(bytes.count, buffer.count)
                    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                    return count
                }
            }
            if count > 0 || buffer.isEmpty { return count }
            guard let next = try body.nextBlocking() else { return 0 }
            piece.withLock { $0 = next }
        }
    }
}

/// Hands one value from one thread to another that waits for it.
private final class Handover<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let semaphore = ThreadSemaphore()

    func put(_ new: Value) {
        value.withLock { $0 = new }
        semaphore.signal()
    }

    func wait() -> Value {
        while true {
            semaphore.wait()
            if let value = value.withLock({ $0 }) { return value }
        }
    }
}
