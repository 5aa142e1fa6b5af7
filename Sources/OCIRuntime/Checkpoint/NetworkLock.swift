// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// While a container with a network namespace of its own is written, criu has a table of nftables there that drops
/// every packet. The table is written, too; and on the way back criu (3.17) looks for it by the number of the process
/// that is restored, where its name has that of the one that was written.
enum NetworkLock {
    /// Removes the table; one that is not there is no error. `pid` is in the namespace.
    static func remove(of written: Int32, from pid: Int32) throws(RuntimeError) {
        let link = try Link()
        let result = try step("forking") { () throws(Linux.Errno) in try forkChild() }
        switch consume result {
        case .child:
            link.closeOurs()
            guard let runtime = try? link.takeTheirs() else { exitNow(1) }
            do throws(RuntimeError) {
                try step("unlocking the network") { () throws(Linux.Errno) in
                    try FileDescriptor.process(pid).enterNamespaces(.network)
                    try NetlinkSocket.netfilter().deleteTable("CRIU-\(written)")
                }
            } catch {
                runtime.report(error)
            }
            exitNow(0)
        case .parent(_, let pidfd):
            _ = try link.takeTheirs()
            defer { _ = try? pidfd.waitForProcess() }
            if let packet = try link.receive() { throw RuntimeError(report: packet.bytes) }
        }
    }
}
