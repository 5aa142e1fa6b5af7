// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import Shim

/// `wharf-runtime netd`: holds the host's published ports for one daemon, and relays what the kernel's translation
/// can't carry (IPv6 to containers that have IPv4 only). Lives on when the daemon dies; see `NetdRequest` for the
/// protocol.
package enum Netd {
    /// Serves until told to stop, or nobody needs it. Returns the exit status.
    package static func run() -> Int32 {
        SignalDescriptor.ignore(SIGPIPE)
        // Every published port is a descriptor, and so is every end of a relayed connection.
        DescriptorLimit.raise()
        do throws(Errno) {
            let loop = try EventLoop()
            let listener = FileDescriptor(owning: NetdConfiguration.listener)
            let service = try NetdService(loop: loop, listener: listener)
            return try withExtendedLifetime(service) { () throws(Errno) in
                try loop.run()
                return 0
            }
        } catch {
            let line = Array("netd: \(error)\n".utf8)
            _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
            return 1
        }
    }
}
