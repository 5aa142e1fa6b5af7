// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Tells systemd how the daemon is (sd_notify(3)): one datagram to the socket that `NOTIFY_SOCKET` names. Without one
/// it does nothing.
package enum ServiceNotification {
    package static func ready() { send("READY=1") }
    package static func stopping() { send("STOPPING=1") }

    private static func send(_ text: String) {
        guard let variable = getenv("NOTIFY_SOCKET") else { return }
        var path = String(cString: variable).utf8.map { $0 }
        var address = sockaddr_un()
        guard path.count > 1, path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // An abstract name: the first byte is zero. It is systemd's socket; Wharf makes none (rule R8).
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return }
        defer { close(number) }
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(number, text, text.utf8.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL), address, length)
            }
        }
    }
}
