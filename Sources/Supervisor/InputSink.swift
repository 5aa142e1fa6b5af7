// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The writing side of a process's standard input: a pipe, or its terminal.
final class InputSink {
    private var watch: EventLoop.Watch?
    private var pending = ByteQueue()
    private var closesWhenFlushed = false
    /// Called when all that was given has been written, so that more may be read.
    var onRoom: () -> Void = {}

    init(_ descriptor: SharedDescriptor, _ loop: EventLoop) throws(Errno) {
        try descriptor.descriptor.setNonBlocking()
        watch = try loop.watch(descriptor, []) { [weak self] events in self?.ready(events) }
    }

    /// Whether nobody reads any more, or input has ended.
    var isClosed: Bool { watch == nil || closesWhenFlushed }
    /// Whether more may be given. A closed one takes everything, to nowhere.
    var hasRoom: Bool { isClosed || pending.isEmpty }

    func write(_ bytes: UnsafeRawBufferPointer) {
        guard let watch, let descriptor = watch.descriptor, !closesWhenFlushed else { return }
        do throws(Errno) {
            try pending.write(bytes, to: descriptor.descriptor)
        } catch {
            return cancel()
        }
        if !pending.isEmpty { watch.want(.writable) }
    }

    /// Ends the input after what was given.
    func close() {
        closesWhenFlushed = true
        if pending.isEmpty { cancel() }
    }

    /// Ends it at once.
    func cancel() {
        watch?.cancel()
        watch = nil
        pending.removeAll()
    }

    private func ready(_ events: Epoll.Interest) {
        guard let watch else { return }
        if events.contains(.writable) { flush(watch) }
        // The reading side is closed for good.
        if !events.isDisjoint(with: [.error, .hangUp]) { cancel() }
        if hasRoom { onRoom() }
    }

    private func flush(_ watch: EventLoop.Watch) {
        guard let descriptor = watch.descriptor else { return }
        do throws(Errno) {
            try pending.flush(to: descriptor.descriptor)
        } catch {
            // EPIPE of a pipe, EIO of a terminal: nobody will read it.
            return cancel()
        }
        watch.want(pending.isEmpty ? [] : .writable)
        if pending.isEmpty, closesWhenFlushed { cancel() }
    }
}
