// SPDX-License-Identifier: Apache-2.0

internal import ContainerLog
internal import Linux

/// The container's log, for who writes and who replays it.
final class SharedLog {
    private let path: String
    private var writer: LogWriter
    private let compressor: LogCompressor?
    private var rotation: Int

    init(
        path: String, maximumSize: Int64?, maximumFiles: Int, attributes: String?, compresses: Bool
    ) throws(Errno) {
        self.path = path
        compressor = compresses ? LogCompressor(path: path) : nil
        writer = try LogWriter(
            path: path, maximumSize: maximumSize, maximumFiles: maximumFiles, attributes: attributes)
        rotation = writer.rotation
        // What the supervisor before this one has left.
        compressor?.begin()
    }

    func append(_ stream: LogStream, _ bytes: UnsafeRawBufferPointer) {
        writer.append(stream, bytes)
        guard writer.rotation != rotation else { return }
        rotation = writer.rotation
        compressor?.begin()
    }

    /// A child was reaped: whether it was one of the log's.
    func exited(_ pid: Int32, _ status: ExitStatus) -> Bool { compressor?.exited(pid, status) ?? false }
    func stop() { compressor?.stop() }
    func finish(_ stream: LogStream) { writer.finish(stream) }
    func pending(_ stream: LogStream) -> [UInt8] { writer.pending(stream) }
    func reopen() throws(Errno) { try writer.reopen() }
    func releaseMemory() { writer.releaseMemory() }

    /// Reads what has been written so far; nil where that can't be had.
    func scanner(stdout: Bool, stderr: Bool) -> LogScanner? {
        var query = LogQuery()
        query.stdout = stdout
        query.stderr = stderr
        // What is written during a replay belongs to it.
        query.follow = true
        let scanner = LogScanner(path: path, query: query)
        guard (try? scanner.open()) != nil else { return nil }
        return scanner
    }
}
