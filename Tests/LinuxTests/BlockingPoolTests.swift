// SPDX-License-Identifier: Apache-2.0

import Linux
import Synchronization
import Testing

@Suite struct BlockingPoolTests {
    /// Holds `count` threads of the pool for `key` until the value it returns is signalled that often.
    private func occupy(
        _ pool: BlockingPool, _ count: Int, key: String
    ) async throws -> (gate: ThreadSemaphore, all: Task<Void, any Error>) {
        let gate = ThreadSemaphore()
        let begun = ThreadSemaphore()
        // Ended by the caller, through the gate.
        let all = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        try await pool.run(key: key) {
                            begun.signal()
                            gate.wait()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await pool.run { for _ in 0..<count { begun.wait() } }
        return (gate, all)
    }

    @Test func oneKeyCannotUseThePoolUp() async throws {
        let pool = BlockingPool(maximumThreads: 4, threadsPerKey: 2)
        let (gate, all) = try await occupy(pool, 2, key: "frozen")
        let ran = Mutex(false)
        // Ended below, when the gate opens.
        let third = Task { try await pool.run(key: "frozen") { ran.withLock { $0 = true } } }
        // Others go on, and what has the key waits.
        for number in 0..<10 { #expect(try await pool.run(key: "other") { number } == number) }
        #expect(try await pool.run { 1 } == 1)
        #expect(ran.withLock { !$0 })
        for _ in 0..<2 { gate.signal() }
        try await all.value
        try await third.value
        #expect(ran.withLock { $0 })
    }

    @Test func whatIsThrownComesBack() async {
        await #expect(throws: Errno.self) {
            try await BlockingPool.shared.run { throw Errno(.noEntry, "open", "x") }
        }
    }
}
