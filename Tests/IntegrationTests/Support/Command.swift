// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// How a command ended and what it wrote.
struct Outcome: CustomStringConvertible {
    /// The exit code, or 128 plus the signal's number.
    var status: Int32
    var output: [UInt8]
    var errors: [UInt8]

    var stdout: String { String(decoding: output, as: UTF8.self) }
    var stderr: String { String(decoding: errors, as: UTF8.self) }
    /// Standard output without white space at its ends.
    var text: String { stdout.trimmed }

    var description: String { "status \(status)\nstdout: \(stdout.suffix(2000))\nstderr: \(stderr.suffix(2000))" }
}

struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Held while a process is made, and while a descriptor exists that it must not inherit but could.
private let spawning = Mutex(())

/// A program that a test started. What it writes goes to files, so that it never waits for the test.
final class RunningCommand {
    let arguments: [String]
    let pid: pid_t
    /// The write end of its standard input, if the test wants to type; -1 after `closeInput`.
    private(set) var input: Int32
    private let folder: String
    private var status: Int32?

    /// Starts `arguments[0]`, looked up in PATH. Standard input is /dev/null, unless it is given or `typing` is on.
    init(_ arguments: [String], environment: [String: String] = [:], stdin: [UInt8]? = nil, typing: Bool = false) throws
    {
        self.arguments = arguments
        folder = try makeTemporaryFolder("wc")
        var ends: [Int32] = [-1, -1]
        if typing {
            try spawning.withLock { _ in
                guard pipe(&ends) == 0 else { throw Failure("pipe: errno \(errno)") }
                for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            }
        }
        input = ends[1]

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if typing {
            posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        } else if let stdin {
            try writeFile(folder + "/in", stdin)
            posix_spawn_file_actions_addopen(&actions, 0, folder + "/in", O_RDONLY, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/err", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        pid = try spawn(arguments, environment: environment, actions: &actions)
        if typing { close(ends[0]) }
    }

    deinit {
        closeInput()
        if status == nil {
            kill(pid, SIGKILL)
            _ = try? wait(timeout: 5)
        }
        for name in ["in", "out", "err", "owner"] { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    func type(_ text: String) { typeBytes(Array(text.utf8)) }

    func typeBytes(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    func closeInput() {
        if input >= 0 { close(input) }
        input = -1
    }

    /// What it wrote so far.
    var outputSoFar: String { String(decoding: readFile(folder + "/out") ?? [], as: UTF8.self) }
    var errorsSoFar: String { String(decoding: readFile(folder + "/err") ?? [], as: UTF8.self) }

    var isRunning: Bool { poll() == nil }

    private func poll() -> Int32? {
        if status == nil {
            var raw: Int32 = 0
            if waitpid(pid, &raw, WNOHANG) == pid { status = exitCode(raw) }
        }
        return status
    }

    /// Waits until it has ended. One that takes longer than `timeout` seconds is killed, which throws.
    func wait(timeout: Double = 30) throws -> Outcome {
        let end = now() + timeout
        var pause: UInt32 = 500
        while poll() == nil {
            if now() > end {
                kill(pid, SIGKILL)
                var raw: Int32 = 0
                waitpid(pid, &raw, 0)
                status = exitCode(raw)
                throw Failure(
                    "\(arguments.joined(separator: " ")): still running after \(timeout) s; it wrote:\n\(outcome)")
            }
            usleep(pause)
            pause = min(pause * 2, 10_000)
        }
        return outcome
    }

    private var outcome: Outcome {
        Outcome(status: status ?? -1, output: readFile(folder + "/out") ?? [], errors: readFile(folder + "/err") ?? [])
    }
}

/// Runs a command to its end.
@discardableResult
func run(
    _ arguments: [String], environment: [String: String] = [:], stdin: [UInt8]? = nil, timeout: Double = 30
) throws -> Outcome {
    try RunningCommand(arguments, environment: environment, stdin: stdin).wait(timeout: timeout)
}

/// Runs a command that has to succeed.
@discardableResult
func mustRun(_ arguments: [String], environment: [String: String] = [:], timeout: Double = 30) throws -> Outcome {
    let outcome = try run(arguments, environment: environment, timeout: timeout)
    guard outcome.status == 0 else { throw Failure("\(arguments.joined(separator: " ")): \(outcome)") }
    return outcome
}

func exitCode(_ raw: Int32) -> Int32 { raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f) }

/// Spawns with the process's own environment plus `environment`. SIGPIPE and the signal mask are as a shell would leave
/// them.
func spawn(
    _ arguments: [String], environment: [String: String], actions: inout posix_spawn_file_actions_t,
    newSession: Bool = false
) throws -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    // 0x80 is POSIX_SPAWN_SETSID, which glibc shows to GNU sources only.
    let session: Int16 = newSession ? 0x80 : 0
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | session)

    var variables = ["PATH": path(), "LC_ALL": "C.UTF-8", "TERM": "xterm"]
    variables.merge(environment) { $1 }
    let argv = arguments.map { strdup($0) } + [nil]
    let envp = variables.map { strdup($0.key + "=" + $0.value) } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let code = spawning.withLock { _ in posix_spawnp(&pid, arguments[0], &actions, &attributes, argv, envp) }
    guard code == 0 else { throw Failure("\(arguments[0]): \(String(cString: strerror(code)))") }
    return pid
}

private func path() -> String {
    getenv("PATH").map { String(cString: $0) } ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
