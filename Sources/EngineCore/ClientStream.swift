// SPDX-License-Identifier: Apache-2.0

package import Linux

/// A client's connection that will be switched to a raw stream (attach, exec start).
///
/// The server answers the request's head; the engine takes the socket once the process it is for exists, and gives it
/// to the shim, which serves it from then on.
package protocol ClientStream: Sendable {
    /// Waits until the response head is flushed, then gives the socket away. Throws if the client has gone.
    func takeSocket() async throws -> TakenSocket
    /// Called (once; at once if it is so already) when the client goes away before the socket is taken.
    func onClose(_ body: @escaping @Sendable () -> Void)
}

/// A client's socket, and what was read from it before it was taken.
package struct TakenSocket: ~Copyable, Sendable {
    package let socket: FileDescriptor
    package let buffered: [UInt8]

    package init(socket: consuming FileDescriptor, buffered: [UInt8]) {
        self.socket = socket
        self.buffered = buffered
    }
}
