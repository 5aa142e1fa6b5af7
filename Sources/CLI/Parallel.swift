// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import Synchronization

/// Blocking calls side by side, on plain threads.
enum Parallel {
    /// How many run at a time.
    private static let width = 50

    private final class Slots<T: Sendable>: Sendable {
        let results: Mutex<[T?]>
        init(count: Int) {
            results = Mutex(Array(repeating: nil, count: count))
        }
    }

    /// Applies `body` to every element and waits for all, keeping their order.
    static func map<T: Sendable>(_ elements: [String], _ body: @escaping @Sendable (String) -> T) -> [T] {
        var results: [T] = []
        var start = 0
        while start < elements.count {
            let batch = Array(elements[start..<min(start + width, elements.count)])
            results += run(batch, body)
            start += width
        }
        return results
    }

    private static func run<T: Sendable>(_ batch: [String], _ body: @escaping @Sendable (String) -> T) -> [T] {
        if batch.count == 1 { return batch.map(body) }
        let slots = Slots<T>(count: batch.count)
        let done = ThreadSemaphore()
        for (index, element) in batch.enumerated() {
            let work: @Sendable () -> Void = {
                let result = body(element)
                slots.results.withLock { $0[index] = result }
                done.signal()
            }
            do { try PlainThread.start(name: "wharf-call", work) } catch { work() }
        }
        for _ in batch { done.wait() }
        return slots.results.withLock { $0.compactMap { $0 } }
    }
}
