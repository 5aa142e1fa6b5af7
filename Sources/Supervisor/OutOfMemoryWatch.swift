// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Linux

/// Tells when the kernel has killed something in the container for want of memory.
final class OutOfMemoryWatch {
    private let cgroup: any Cgroup
    private let loop: EventLoop
    private var watch: EventLoop.Watch?
    private var seen: UInt64 = 0
    private let onKill: () -> Void

    init(_ cgroup: any Cgroup, _ loop: EventLoop, onKill: @escaping () -> Void) throws {
        self.cgroup = cgroup
        self.loop = loop
        self.onKill = onKill
        switch try cgroup.memoryEvents() {
        case .some(.eventfd(let descriptor)): try add(SharedDescriptor(descriptor), .readable)
        case .some(.file(let descriptor)): try add(SharedDescriptor(descriptor), .priority)
        case .none: break
        }
    }

    private func add(_ descriptor: SharedDescriptor, _ interest: Epoll.Interest) throws(Errno) {
        watch = try loop.watch(descriptor, interest) { [weak self] _ in self?.ready() }
    }

    /// How the container's processes fared so far.
    var kills: UInt64 { cgroup.outOfMemoryKills() }

    /// Tells what is left to tell: a container may be gone before its event is read.
    func finish() {
        look()
        watch?.cancel()
        watch = nil
    }

    private func ready() {
        guard let descriptor = watch?.descriptor else { return }
        // Reading takes the event away: eight bytes of an eventfd, the text of a file that is read from its start
        // again.
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            _ = try? descriptor.descriptor.seek(to: 0)
            _ = try? descriptor.descriptor.read(into: buffer)
        }
        look()
        // cgroup v1 tells of the lack of memory before the kill is counted.
        loop.after(milliseconds: 50) { [weak self] in self?.look() }
    }

    private func look() {
        guard watch != nil else { return }
        let now = kills
        if now > seen { onKill() }
        seen = now
    }
}
