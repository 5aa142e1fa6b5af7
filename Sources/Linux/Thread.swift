// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Plain threads, for what must not run on Swift's cooperative pool.
package enum PlainThread {
    /// Starts a detached thread with all signals blocked, so that signals stay with the threads that ask for them.
    package static func start(
        name: String, stackBytes: Int = 1 << 20, _ body: @escaping @Sendable () -> Void
    )
        throws(Errno)
    {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)

        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                _ = wharf_set_thread_name(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        if failure != 0 {
            start.release()
            throw Errno(Errno.Code(rawValue: failure), "pthread_create", name)
        }
    }

    /// Runs `body` on a thread of its own, and waits until it is done. Blocking.
    package static func run(name: String, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        let done = ThreadSemaphore()
        try start(name: name) {
            body()
            done.signal()
        }
        done.wait()
    }

    private final class Start: Sendable {
        /// At most 15 bytes, or the kernel keeps the old name.
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
