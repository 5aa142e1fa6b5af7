// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A counting semaphore for plain threads (sem_overview(7)), at zero.
///
/// Sendable: `sem_t` is made for use from any thread, and its address never changes.
package final class ThreadSemaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    package init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    package func signal() { sem_post(semaphore) }
    package func wait() { while sem_wait(semaphore) != 0 {} }

    /// Returns false when the time is over.
    func wait(seconds: Int) -> Bool {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += seconds
        while true {
            if sem_timedwait(semaphore, &deadline) == 0 { return true }
            if errno == ETIMEDOUT { return false }
        }
    }
}
