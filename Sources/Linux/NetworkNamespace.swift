// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A network namespace without a name: it lives as long as a process is in it, or someone holds its descriptor.
package struct NetworkNamespace: ~Copyable, Sendable {
    /// Of nsfs: for setns(2), IFLA_NET_NS_FD, and the shim.
    package let descriptor: SharedDescriptor
    /// Made inside: configures the namespace's interfaces from any thread.
    package let route: NetlinkSocket

    /// Makes a namespace whose interfaces-to-be have IPv6 off (loopback keeps `::1`, as in Docker). Blocking.
    ///
    /// A thread of its own enters the namespace and ends: no thread that does anything else is ever in the wrong one.
    package static func make() throws(Errno) -> NetworkNamespace {
        let maker = Maker()
        try PlainThread.run(name: "netns") { maker.run() }
        return try maker.take()
    }

    /// Sendable: the thread is done with it when the caller takes the result.
    private final class Maker: @unchecked Sendable {
        private var namespace: SharedDescriptor?
        private var route: NetlinkSocket?
        private var failure: Errno?

        func run() {
            do throws(Errno) {
                try unshare(.network)
                // BEFORE any interface is made: they copy the default when they appear.
                try NetworkNamespace.disableIPv6()
                namespace = SharedDescriptor(try FileDescriptor.open("/proc/thread-self/ns/net", O_RDONLY))
                route = try NetlinkSocket.route()
            } catch { failure = error }
        }

        func take() throws(Errno) -> NetworkNamespace {
            if let failure { throw failure }
            guard let namespace, let route = route.take() else { throw Errno(.invalidArgument, "unshare") }
            return NetworkNamespace(descriptor: namespace, route: route)
        }
    }

    private static func disableIPv6() throws(Errno) {
        do throws(Errno) {
            let file = try FileDescriptor.open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY)
            try file.writeAll([UInt8(ascii: "1")])
        } catch {
            // A kernel without IPv6 has nothing to turn off.
            guard error.code == .noEntry else { throw error }
        }
    }
}
