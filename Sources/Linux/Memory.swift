// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// The C library's heap.
package enum Heap {
    /// Gives what is free back to the kernel (malloc_trim(3)); for a process that is about to wait for long.
    package static func trim() { wharf_trim_memory() }
}

/// The main thread's stack.
package enum CallStack {
    /// Gives back what it had grown to: 40 kB after a container was made. Only on the main thread.
    package static func release() { wharf_release_stack() }
}
