// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// The bounds of a server; those of one message's head and framing are in `HTTPLimits`.
package struct ServerLimits: Sendable {
    /// Connections that wait to be accepted; the kernel allows at most net.core.somaxconn.
    package var backlog: Int32 = 4096
    /// Connections at once; one more is answered with 503.
    package var connections = 4096
    /// From a request's first byte to the end of its head.
    package var headTimeout = TimeAmount.seconds(30)
    /// Between requests on one connection.
    package var idleTimeout = TimeAmount.minutes(10)
    /// Without a byte of a body that a handler waits for.
    package var bodyTimeout = TimeAmount.minutes(15)
    /// What is read of a body that nobody wanted, so that the client can read the answer; and for how long.
    package var drainBytes = 1 << 20
    package var drainTimeout = TimeAmount.seconds(5)
    /// What exchanges get to end in when the server stops.
    package var shutdownGrace = TimeAmount.seconds(2)
    /// Bytes read at once.
    package var readChunk = 64 << 10

    package init() {}
}
