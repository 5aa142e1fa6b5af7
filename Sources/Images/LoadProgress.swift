// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import EngineAPI
internal import OCI
internal import Synchronization

/// Tells how far the layers of a load are unpacked: Docker's "Loading layer" messages. A layer is told of when it
/// begins and ends, and in between at most every tenth of a second, so that a client that does not read costs little.
struct LoadProgress: Sendable {
    private static let interval = Duration.milliseconds(100)

    let tell: @Sendable (ProgressMessage) -> Void

    /// `blob`, as a source that reports how much of it was read. One thread reads it.
    func watching(_ source: any ByteSource, _ blob: Digest, size: Int64) -> any ByteSource {
        Source(source: source, id: blob.short, size: size, tell: tell)
    }

    private final class Source: ByteSource {
        private let source: any ByteSource
        private let id: String
        private let size: Int64
        private let tell: @Sendable (ProgressMessage) -> Void
        private let state = Mutex((read: Int64(0), told: ContinuousClock.Instant?.none))

        init(source: any ByteSource, id: String, size: Int64, tell: @escaping @Sendable (ProgressMessage) -> Void) {
            self.source = source
            self.id = id
            self.size = size
            self.tell = tell
        }

        func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
            let count = try source.read(into: buffer)
            if let current = state.withLock({ state in due(&state, count) }) {
                tell(
                    ProgressMessage(
                        status: "Loading layer", progressDetail: ProgressDetail(current: current, total: size), id: id))
            }
            return count
        }

        /// How much was read, if that is to be told now.
        private func due(_ state: inout (read: Int64, told: ContinuousClock.Instant?), _ count: Int) -> Int64? {
            guard count > 0 else { return nil }
            state.read += Int64(count)
            let now = ContinuousClock.now
            if let told = state.told, now - told < LoadProgress.interval, state.read != size { return nil }
            state.told = now
            return state.read
        }
    }
}
