// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A command on a pseudo-terminal, with a test at the keys.
final class Terminal {
    let pid: pid_t
    private let master: Int32
    private var status: Int32?
    private(set) var screen = ""

    // TIOCSPTLCK and TIOCGPTN are macros that Swift does not see.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    init(_ arguments: [String], environment: [String: String], rows: UInt16 = 24, columns: UInt16 = 80) throws {
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var unlock: Int32 = 0
        var number: UInt32 = 0
        guard master >= 0, ioctl(master, Self.setLock, &unlock) == 0, ioctl(master, Self.getNumber, &number) == 0 else {
            throw Failure("no pseudo-terminal: errno \(errno)")
        }
        // BEFORE the program starts, which asks for it at once.
        Terminal.setSize(master, rows: rows, columns: columns)
        let name = "/dev/pts/\(number)"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // In a new session, the first terminal that is opened becomes the controlling one.
        posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        pid = try spawn(arguments, environment: environment, actions: &actions, newSession: true)
    }

    deinit {
        if status == nil {
            kill(pid, SIGKILL)
            var raw: Int32 = 0
            waitpid(pid, &raw, 0)
        }
        close(master)
    }

    /// Changes the window, which signals the foreground process group.
    func resize(rows: UInt16, columns: UInt16) { Terminal.setSize(master, rows: rows, columns: columns) }

    private static func setSize(_ master: Int32, rows: UInt16, columns: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    /// Reads until the screen shows `text`.
    func expect(_ text: String, timeout: Double = 10) throws {
        let end = now() + timeout
        while !screen.contains(text) {
            guard now() < end, readSome(until: end) else {
                throw Failure("the terminal never showed '\(text)'; it shows:\n\(screen)")
            }
        }
    }

    /// Forgets what is on the screen, so that `expect` waits for something new.
    func clear() { screen = "" }

    /// The exit code, once the command has ended.
    func end(timeout: Double = 10) throws -> Int32 {
        let limit = now() + timeout
        while status == nil {
            _ = readSome(until: now() + 0.02)
            var raw: Int32 = 0
            if waitpid(pid, &raw, WNOHANG) == pid { status = exitCode(raw) }
            if now() > limit { throw Failure("still running on its terminal, which shows:\n\(screen)") }
        }
        while readSome(until: now() + 0.01) {}
        return status ?? -1
    }

    private func readSome(until end: Double) -> Bool {
        var poll = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, Int32(max(0, end - now()) * 1000) + 1) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(master, &buffer, buffer.count)
        guard count > 0 else { return false }
        screen += String(decoding: buffer[..<count], as: UTF8.self)
        return true
    }
}

extension TestEngine {
    func terminal(
        _ arguments: String..., by client: Client = .docker, rows: UInt16 = 24, columns: UInt16 = 80
    ) throws -> Terminal {
        try Terminal([client.program] + arguments, environment: clientEnvironment, rows: rows, columns: columns)
    }
}
