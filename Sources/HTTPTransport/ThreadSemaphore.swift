// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A counting semaphore for threads.
final class ThreadSemaphore: @unchecked Sendable {  // sem_t is made for use by several threads
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
}
