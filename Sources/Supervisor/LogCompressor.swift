// SPDX-License-Identifier: Apache-2.0

internal import ContainerLog
internal import Glibc
internal import Linux

/// Compresses files of the log that were rotated away: one at a time, in a process of its own that yields to every
/// other, so that nothing here waits for it. The names are given here, where the rotations are.
final class LogCompressor {
    private struct Job {
        let pid: Int32
        let work: RotatedLog.Work
    }

    private let path: String
    private var job: Job?
    /// Something went wrong: the rest stays as it is until the next start.
    private var hasFailed = false

    init(path: String) { self.path = path }

    /// Begins with what there is to do, if nothing is under way.
    func begin() {
        guard job == nil, !hasFailed else { return }
        do throws(Errno) {
            guard let work = try RotatedLog.nextWork(path) else { return }
            switch try forkChild() {
            case .child: Self.compress(work)
            case .parent(let pid, _): job = Job(pid: pid, work: work)
            }
        } catch {
            ShimFiles.report("shim: compressing the log: \(error)")
            hasFailed = true
        }
    }

    /// A child was reaped: whether it was this one's.
    func exited(_ pid: Int32, _ status: ExitStatus) -> Bool {
        guard let job, job.pid == pid else { return false }
        self.job = nil
        if status == .exited(0) {
            RotatedLog.install(path, job.work)
        } else {
            RotatedLog.discard(path)
            hasFailed = true
            ShimFiles.report("shim: compressing the log: the process ended with \(status.shellCode)")
        }
        begin()
        return true
    }

    /// What is unfinished is of no use to anybody: the process ends with this one.
    func stop() {
        guard let job else { return }
        kill(job.pid, SIGKILL)
        RotatedLog.discard(path)
    }

    /// In the child; does not come back.
    private static func compress(_ work: RotatedLog.Work) {
        do throws(Errno) {
            CurrentProcess.resetSignals()
            // The next supervisor of this container must not find it at work.
            try CurrentProcess.setParentDeathSignal(SIGKILL)
            // The supervisor's sockets must not stay open in here.
            try work.source.descriptor.place(at: 0)
            try work.target.descriptor.place(at: 1)
            try closeRange(from: 3)
            _ = nice(19)
            try GzipFile.compress(FileDescriptor(duplicating: 0), into: FileDescriptor(duplicating: 1))
            exitNow(0)
        } catch {}
        exitNow(1)
    }
}
