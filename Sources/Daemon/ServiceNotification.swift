// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Tells systemd how the daemon is (sd_notify(3)): one datagram to the socket that `NOTIFY_SOCKET` names. Without one
/// it does nothing.
package enum ServiceNotification {
    package static func ready() { send("READY=1") }
    package static func stopping() { send("STOPPING=1") }

    private static func send(_ text: String) {
        guard let variable = getenv("NOTIFY_SOCKET") else { return }
        var path = String(cString: variable)
        // An abstract name: the first byte is zero. It is systemd's socket; Wharf makes none (rule R8).
        if path.hasPrefix("@") { path = "\0" + path.dropFirst() }
        guard path.utf8.count > 1, let address = try? SocketAddress(unix: path) else { return }
        DatagramSocket.send(text, to: address)
    }
}
