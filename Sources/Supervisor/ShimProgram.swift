// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import Shim

/// `wharf-runtime shim`: one container's supervisor. Started by the daemon's `ShimLauncher`, never by hand.
package enum ShimProgram {
    /// Runs until the container has exited and its clients have their output. Returns the program's exit code.
    package static func run() -> Int32 {
        do {
            // First of all: once anything has been opened, the number of a descriptor that did not come may be that
            // one's.
            let inherited = try InheritedDescriptors()
            prepareProcess()
            let files = try ShimFiles()
            let loop = try EventLoop()
            // Before the first child, so that none ends unseen.
            let signals = try SignalDescriptor([SIGCHLD, SIGTERM, SIGINT, SIGHUP])
            let shim = try ContainerShim(files, try files.configuration(), inherited, loop)
            _ = try loop.watch(signals.descriptor, .readable) { _ in
                // A request to end is not obeyed: the container's end is the shim's.
                while let number = try? signals.next() {
                    if number == SIGCHLD { shim.reap() }
                }
            }
            try loop.run()
            return 0
        } catch {
            ShimFiles.report("shim: \(error)")
            return 1
        }
    }

    private static func prepareProcess() {
        SignalDescriptor.ignore(SIGPIPE)
        try? CurrentProcess.setName("wharf-shim")
        // Orphans of a container in the host's pid namespace come here, and are reaped.
        try? CurrentProcess.becomeSubreaper()
        // The container's processes set their own again. Where the kernel does not allow it, the shim is as likely a
        // victim as any.
        try? FileDescriptor.open("/proc/self/oom_score_adj", O_WRONLY).writeOnce("-999")
    }
}
