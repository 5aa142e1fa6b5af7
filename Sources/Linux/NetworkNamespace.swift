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
        let result = Maker()
        try runThread { result.run() }
        return try result.take()
    }

    private final class Maker {
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

    /// Runs `body` on a new plain thread that has entered the namespace, and waits for it. Blocking.
    package static func inside<T>(
        _ namespace: SharedDescriptor, _ body: @escaping () throws(Errno) -> T
    ) throws(Errno) -> T {
        var result: Result<T, Errno>?
        try runThread {
            result = Result { () throws(Errno) -> T in
                try namespace.descriptor.enterNamespaces(.network)
                return try body()
            }
        }
        guard let result else { throw Errno(.invalidArgument, "setns") }
        return try result.get()
    }

    /// Runs `body` on a new thread and waits for its end.
    private static func runThread(_ body: @escaping () -> Void) throws(Errno) {
        final class Box {
            let body: () -> Void
            init(_ body: @escaping () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard failure == 0 else {
            box.release()
            throw Errno(Errno.Code(rawValue: failure), "pthread_create")
        }
        pthread_join(thread, nil)
    }
}
