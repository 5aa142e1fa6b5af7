// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension FileDescriptor {
    /// Unlocks this pseudo-terminal master and opens its slave, whatever is mounted where.
    package func openTerminalPeer() throws(Errno) -> FileDescriptor {
        var unlocked: Int32 = 0
        guard wharf_ioctl_pointer(rawValue, UInt(TIOCSPTLCK_REQUEST), &unlocked) == 0 else {
            throw .last("ioctl", "TIOCSPTLCK")
        }
        let number = wharf_ioctl(rawValue, UInt(TIOCGPTPEER_REQUEST), UInt(O_RDWR | O_NOCTTY | O_CLOEXEC))
        guard number >= 0 else { throw .last("ioctl", "TIOCGPTPEER") }
        return FileDescriptor(owning: number)
    }
}

private let TIOCSPTLCK_REQUEST = 0x4004_5431
private let TIOCGPTPEER_REQUEST = 0x5441
