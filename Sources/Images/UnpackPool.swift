// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import Linux
internal import OCI
internal import Synchronization

/// Unpacks layers on threads of its own, beside the one that reads the archive.
final class UnpackPool: Sendable {
    /// Layers at a time; each has a second thread that decompresses.
    private static let workers = 2
    /// Layers that may wait: more than an archive's files, so that a submit never does.
    private static let capacity = 1 << 20

    private struct Job: Sendable {
        var digest: Digest
        var open: @Sendable () throws -> any ByteSource
    }

    private struct Done: Sendable {
        var digest: Digest
        var result: Result<UnpackedLayer, any Error>
    }

    private let jobs = HandOff<Job>(capacity: capacity)
    private let done = HandOff<Done>(capacity: capacity)
    private let ended = HandOff<Bool>(capacity: workers)
    private let stop = StopFlag()
    private let started = Atomic(0)

    init(_ layers: LayerStore) throws(Errno) {
        for _ in 0..<Self.workers {
            try PlainThread.start(name: "unpack") { [jobs, done, ended, stop] in
                while let job = jobs.pop() {
                    let result = Result { try Self.unpack(job, layers, stop) }
                    if !done.push(Done(digest: job.digest, result: result)) { break }
                }
                _ = ended.push(true)
            }
            started.add(1, ordering: .relaxed)
        }
    }

    /// Ends the threads and waits for them: a load that failed has left nothing when it says so.
    deinit {
        stop.flag.store(true, ordering: .relaxed)
        jobs.close()
        for _ in 0..<started.load(ordering: .relaxed) { _ = ended.pop() }
        // Layers that nobody took: the threads, which end in their own time, hold this queue too.
        done.close()
        while done.pop() != nil {}
    }

    /// Unpacks the blob; `open` gives its bytes.
    func submit(_ digest: Digest, _ open: @escaping @Sendable () throws -> any ByteSource) {
        _ = jobs.push(Job(digest: digest, open: open))
    }

    /// Waits for one of the layers that were submitted.
    func next() -> (Digest, Result<UnpackedLayer, any Error>)? { done.pop().map { ($0.digest, $0.result) } }

    private static func unpack(_ job: Job, _ layers: LayerStore, _ stop: StopFlag) throws -> UnpackedLayer {
        let tar = try Decompressed(StoppableSource(source: try job.open(), stop: stop))
        return try layers.unpack(tar.source, diffID: tar.compression == .none ? job.digest : nil)
    }
}

/// Set when nobody wants the layers any more.
private final class StopFlag: Sendable {
    let flag = Atomic(false)
}

/// A source that ends with an error once it is not wanted.
private struct StoppableSource: ByteSource {
    let source: any ByteSource
    let stop: StopFlag

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if stop.flag.load(ordering: .relaxed) { throw Errno(.init(rawValue: 125), "read", "cancelled") }
        return try source.read(into: buffer)
    }
}

/// The layers of one load, being unpacked or done.
struct Unpacking {
    private let pool: UnpackPool
    private var pending: Set<Digest> = []
    private var results: [Digest: Result<UnpackedLayer, any Error>] = [:]

    init(_ layers: LayerStore) throws { pool = try UnpackPool(layers) }

    /// Begins to unpack the blob, unless that was begun before.
    mutating func begin(_ digest: Digest, _ open: @escaping @Sendable () throws -> any ByteSource) {
        guard results[digest] == nil, pending.insert(digest).inserted else { return }
        pool.submit(digest, open)
    }

    /// Waits for the blob's layer.
    mutating func layer(_ digest: Digest) throws -> UnpackedLayer? {
        while pending.contains(digest), let (finished, result) = pool.next() {
            pending.remove(finished)
            results[finished] = result
        }
        return try results[digest]?.get()
    }
}
