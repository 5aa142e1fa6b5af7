// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Synchronization

/// The clients that wait for one container, by what they wait for. Registering never waits for the container.
final class WaitRegistry: Sendable {
    private struct State {
        var next = 0
        var waiters: [Int: (condition: WaitCondition, continuation: AsyncStream<WaitResponse>.Continuation)] = [:]
    }

    private let state = Mutex(State())

    func register(_ condition: WaitCondition) -> ContainerWait {
        let (stream, continuation) = AsyncStream<WaitResponse>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state in
            state.next += 1
            state.waiters[state.next] = (condition, continuation)
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            // The result: a second removal, which also covers a client that went away.
            _ = self?.state.withLock { $0.waiters.removeValue(forKey: key) }
        }
        return ContainerWait(stream: stream)
    }

    /// Answers those who wait for any of `conditions`.
    func resolve(_ conditions: Set<WaitCondition>, _ response: WaitResponse) {
        let ready = state.withLock { state in
            let keys = state.waiters.filter { conditions.contains($0.value.condition) }.map(\.key)
            return keys.compactMap { state.waiters.removeValue(forKey: $0)?.continuation }
        }
        for continuation in ready {
            continuation.yield(response)
            continuation.finish()
        }
    }
}

/// A wait that has been registered: it misses nothing that happens from now on.
package struct ContainerWait: Sendable {
    let stream: AsyncStream<WaitResponse>

    static func immediate(_ response: WaitResponse) -> ContainerWait {
        let (stream, continuation) = AsyncStream<WaitResponse>.makeStream()
        continuation.yield(response)
        continuation.finish()
        return ContainerWait(stream: stream)
    }

    /// What came of it. Throws CancellationError when the calling task is cancelled.
    package func result() async throws -> WaitResponse {
        for await response in stream { return response }
        throw CancellationError()
    }
}
