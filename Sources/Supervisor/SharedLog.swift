// SPDX-License-Identifier: Apache-2.0

internal import ContainerLog
internal import Linux

/// The container's log, for who writes and who replays it.
final class SharedLog {
    private let path: String
    private var writer: LogWriter

    init(path: String, maximumSize: Int64?, maximumFiles: Int) throws(Errno) {
        self.path = path
        writer = try LogWriter(path: path, maximumSize: maximumSize, maximumFiles: maximumFiles)
    }

    func append(_ stream: LogStream, _ bytes: UnsafeRawBufferPointer) { writer.append(stream, bytes) }
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
