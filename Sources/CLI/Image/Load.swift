// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import Linux

/// `load`: sends an image archive to the engine.
enum ImageLoad {
    static func run(_ session: Session) throws -> Int32 {
        let path = session.flags.text("input")
        let isQuiet = session.flags.bool("quiet") || !TerminalWindow.isTerminal(session.console.output)
        let source = try source(path, session)
        let number = source?.rawValue ?? session.console.input
        let client = try session.client()
        let stream = try client.loadImages(quiet: isQuiet) { buffer in
            try RawDescriptor.read(number, into: buffer)
        }
        try ProgressDisplay.show(stream, on: session.console.output, session.console, isQuiet: false)
        withExtendedLifetime(source) {}
        return 0
    }

    /// The file; nil for standard input.
    private static func source(_ path: String, _ session: Session) throws -> SharedDescriptor? {
        guard path.isEmpty else {
            do throws(Errno) { return SharedDescriptor(try FileDescriptor.open(path, 0)) } catch {
                throw Failure("\(error)")
            }
        }
        if TerminalWindow.isTerminal(session.console.input) {
            throw Failure("requested load from stdin, but stdin is empty")
        }
        return nil
    }
}
