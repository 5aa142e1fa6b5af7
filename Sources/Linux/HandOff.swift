// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A bounded queue between two plain threads, both of which it blocks.
///
/// Sendable: all access to `items` and `isClosed` is under `mutex`, whose address never changes.
package final class HandOff<Item: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var items: [Item] = []
    private var isClosed = false
    private let capacity: Int

    package init(capacity: Int) {
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Adds an item, waiting while the queue is full. Returns false, without adding it, once the queue is closed.
    package func push(_ item: Item) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while items.count >= capacity && !isClosed { pthread_cond_wait(changed, mutex) }
        if isClosed { return false }
        items.append(item)
        pthread_cond_broadcast(changed)
        return true
    }

    /// Takes the oldest item, waiting for one; nil once the queue is closed and empty.
    package func pop() -> Item? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while items.isEmpty && !isClosed { pthread_cond_wait(changed, mutex) }
        if items.isEmpty { return nil }
        pthread_cond_broadcast(changed)
        return items.removeFirst()
    }

    /// Lets no more items in; those inside can still be taken.
    package func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }
}
