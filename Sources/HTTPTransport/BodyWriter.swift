// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The way out of a streaming answer. A write returns when the kernel has taken the bytes, so a slow reader holds its
/// writer back and nothing piles up.
package struct BodyWriter: Sendable {
    let channel: any Channel
    let isChunked: Bool

    package func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        if bytes.isEmpty { return }
        var buffer = channel.allocator.buffer(capacity: bytes.count + 20)
        if isChunked { buffer.writeString(String(bytes.count, radix: 16) + "\r\n") }
        buffer.writeBytes(bytes)
        if isChunked { buffer.writeStaticString("\r\n") }
        do { try await channel.writeAndFlush(buffer).get() } catch { throw HTTPServerError.clientGone }
    }

    func end() async throws {
        guard isChunked else { return }
        do { try await channel.writeAndFlush(ByteBuffer(staticString: "0\r\n\r\n")).get() } catch {
            throw HTTPServerError.clientGone
        }
    }
}
