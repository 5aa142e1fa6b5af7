// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// What is asked of interfaces without netlink.
package enum NetworkInterface {
    /// Brings up `lo` in the caller's network namespace.
    package static func bringUpLoopback() throws(Errno) {
        guard wharf_loopback_up() == 0 else { throw .last("ioctl", "lo") }
    }
}
