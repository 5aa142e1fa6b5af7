// SPDX-License-Identifier: Apache-2.0

/// The messages between the daemon and netd, which holds the host's published ports while the daemon comes and goes.
///
/// As with shims, one message is one packet of a SOCK_SEQPACKET socket, a JSON object, and the protocol only grows.
/// Every request is answered once, in order, with its `id`; netd says nothing on its own.
///
/// The story of one daemon: it connects to `netd.sock`; where nobody listens it launches netd with a new socket. It
/// says `retain` with the containers that live, then `hold` and `release` as they come and go. netd ends on `stop`, and
/// when the last daemon's connection is closed and nothing is held.
package struct NetdRequest: Codable, Sendable {
    package var version = Wire.version
    package var id: UInt64
    package var body: Body

    package init(id: UInt64, _ body: Body) {
        self.id = id
        self.body = body
    }

    package enum Body: Codable, Sendable {
        /// Takes all of the ports or none. Those that the owner has already are no error.
        case hold(owner: String, ports: [HeldPort])
        /// Gives up all that the owner (a container's id) has; it need not have anything.
        case release(owner: String)
        /// Gives up what everybody else has.
        case retain(owners: [String])
        /// Tells who has what.
        case list
        case stop
    }
}

/// A port of the host, and the container's that it leads to.
package struct HeldPort: Codable, Sendable, Hashable {
    /// `tcp`, `udp`
    package var transport: String
    package var hostIP: String
    package var hostPort: UInt16
    package var targetIP: String
    package var targetPort: UInt16

    package init(transport: String, hostIP: String, hostPort: UInt16, targetIP: String, targetPort: UInt16) {
        self.transport = transport
        self.hostIP = hostIP
        self.hostPort = hostPort
        self.targetIP = targetIP
        self.targetPort = targetPort
    }
}

package struct NetdReply: Codable, Sendable {
    package var version = Wire.version
    package var id: UInt64
    package var body: Body

    package init(id: UInt64, _ body: Body) {
        self.id = id
        self.body = body
    }

    package enum Body: Codable, Sendable {
        case ok
        case held([String: [HeldPort]])
        /// A port could not be taken: the error's number as in errno(3).
        case failed(HeldPort, errno: Int32)
        /// The request makes no sense to this netd.
        case unsupported(String)
    }
}

/// Fixed names and numbers of netd's run directory and launch.
package enum NetdConfiguration {
    /// Below the daemon's exec root.
    package static let socket = "netd.sock"
    package static let log = "netd.log"
    /// The inherited listening socket; 4 is the sealed program, as with shims.
    package static let listener: Int32 = 3
}
