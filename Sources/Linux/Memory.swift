// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// The C library's heap.
package enum Heap {
    /// Gives what is free back to the kernel (malloc_trim(3)); for a process that is about to wait for long.
    package static func trim() { wharf_trim_memory() }
}
