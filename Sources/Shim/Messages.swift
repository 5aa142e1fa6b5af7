// SPDX-License-Identifier: Apache-2.0

package import OCI

/// The messages between the daemon and a container's shim.
///
/// One message is one packet of a SOCK_SEQPACKET Unix socket: a JSON object of at most `Wire.maximumPacket` bytes, and
/// at most one descriptor (SCM_RIGHTS). The protocol only ever grows: a receiver ignores members it does not know, and
/// answers a request it does not know with `.error(code: .unsupported)`.
///
/// The story of one run: the daemon binds and listens on `shim.sock`, writes `config.json` and `shim.json` beside it
/// and launches the shim, which creates the container at once. The daemon connects, sends `attach` for every client
/// that is waiting (each with the client's socket), then `start`. The shim answers every request once, in order, with
/// the request's `id`; events have none. When the container has exited and its output is drained, the shim writes
/// `exit.json`, sends `exited` and ends. A connection that closes without `exited` and without an `exit.json` means
/// that the shim was killed.
package enum Wire {
    /// Grows when a member or a message is added; never for a change of meaning.
    package static let version = 1
    package static let maximumPacket = 512 * 1024
}

/// What the daemon asks.
package struct ShimRequest: Codable, Sendable {
    package var version = Wire.version
    package var id: UInt64
    package var body: Body

    package init(id: UInt64, _ body: Body) {
        self.id = id
        self.body = body
    }

    package enum Body: Codable, Sendable {
        /// Lets the created container's process go on to its program.
        case start
        /// Serves a client on the socket that comes with this message, until it goes away or the container exits.
        case attach(AttachRequest)
        /// Starts a further process; with a socket, that client is served with its streams.
        case exec(ExecRequest)
        case resize(ResizeRequest)
        case signal(SignalRequest)
        /// Pid, phase and execs: what a new daemon asks first.
        case state
        /// Closes the log file and opens it anew.
        case reopenLog
    }
}

/// How a client's socket is served.
package struct AttachRequest: Codable, Sendable {
    package var stdin: Bool
    package var stdout: Bool
    package var stderr: Bool
    /// First what the log has so far, then what comes, with nothing lost or doubled between them.
    package var replayLog: Bool
    /// Output after the replay; false with `replayLog` means the log only.
    package var stream: Bool
    /// Bytes; empty means that nothing detaches. Only a terminal's input is searched.
    package var detachKeys: [UInt8]
    /// What the daemon had read from the client before it gave the socket away.
    package var buffered: [UInt8]

    package init(
        stdin: Bool, stdout: Bool, stderr: Bool, replayLog: Bool = false, stream: Bool = true,
        detachKeys: [UInt8] = [], buffered: [UInt8] = []
    ) {
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.replayLog = replayLog
        self.stream = stream
        self.detachKeys = detachKeys
        self.buffered = buffered
    }
}

package struct ExecRequest: Codable, Sendable {
    /// 64 hexadecimal digits.
    package var execID: String
    package var process: RuntimeSpec.Process
    /// Gives the process every capability and device, as in `exec --privileged`.
    package var privileged: Bool
    /// What of the client's socket is connected; nil: no client, output is discarded and stdin is /dev/null.
    package var attach: AttachRequest?
    /// Without a client: how many bytes of its output come with the news of its end (`ExitRecord.output`).
    package var capture: Int?
    /// It is killed when it has run so long (`ExitRecord.timedOut`).
    package var limitMilliseconds: Int64?

    package init(execID: String, process: RuntimeSpec.Process, privileged: Bool, attach: AttachRequest?) {
        self.execID = execID
        self.process = process
        self.privileged = privileged
        self.attach = attach
    }
}

package struct ResizeRequest: Codable, Sendable {
    /// nil: the container's own terminal.
    package var execID: String?
    package var height: UInt16
    package var width: UInt16

    package init(execID: String?, height: UInt16, width: UInt16) {
        self.execID = execID
        self.height = height
        self.width = width
    }
}

package struct SignalRequest: Codable, Sendable {
    /// nil: the container's init.
    package var execID: String?
    package var signal: Int32
    /// Every process of the container's cgroup.
    package var all: Bool

    package init(execID: String? = nil, signal: Int32, all: Bool = false) {
        self.execID = execID
        self.signal = signal
        self.all = all
    }
}

/// What the shim answers (with the request's `id`) or tells on its own (`id` 0).
package struct ShimReply: Codable, Sendable {
    package var version = Wire.version
    package var id: UInt64
    package var body: Body

    package init(id: UInt64, _ body: Body) {
        self.id = id
        self.body = body
    }

    package enum Body: Codable, Sendable {
        case ok
        /// Answers `start` (the container's pid on the host) and `exec` (the new process's).
        case started(pid: Int32, atNanoseconds: Int64)
        case state(ShimState)
        case error(ShimFailure)
        /// Event: the container is gone and its output is drained.
        case exited(ExitRecord)
        /// Event: a process started by `exec` is gone.
        case execExited(execID: String, ExitRecord)
        /// Event: the kernel killed something in the container for want of memory.
        case outOfMemory
        /// Event: a client detached by keys, or went away. `execID` nil: from the container itself.
        case detached(execID: String?)
    }
}

package struct ShimState: Codable, Sendable {
    package var shimPid: Int32
    /// 0 before it is created.
    package var pid: Int32
    package var status: RuntimeState.Status
    /// Exec ids to pids: those whose end has not been told yet.
    package var execs: [String: Int32]
    /// Those told last to have ended, for a daemon that did not hear of it; nil: the shim does not keep them.
    package var endedExecs: [EndedExec]?

    package init(
        shimPid: Int32, pid: Int32, status: RuntimeState.Status, execs: [String: Int32],
        endedExecs: [EndedExec]? = nil
    ) {
        self.shimPid = shimPid
        self.pid = pid
        self.status = status
        self.execs = execs
        self.endedExecs = endedExecs
    }
}

package struct EndedExec: Codable, Sendable {
    package var execID: String
    package var pid: Int32
    package var exit: ExitRecord

    package init(execID: String, pid: Int32, exit: ExitRecord) {
        self.execID = execID
        self.pid = pid
        self.exit = exit
    }
}

package struct ShimFailure: Codable, Sendable, Error, CustomStringConvertible {
    package var code: Code
    /// In runc's wording where Docker's clients know it: `exec: "nosuch": executable file not found in $PATH`.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    package enum Code: String, Codable, Sendable {
        /// Exit code 127.
        case notFound
        /// Exit code 126.
        case notExecutable
        /// The request can't be carried out as it is (bad user, bad working directory, no such exec).
        case invalid
        case unsupported
        case system
    }
}

/// How a process ended. Also the content of `exit.json` (written to a temporary name, then renamed).
package struct ExitRecord: Codable, Sendable, Equatable {
    package var version = Wire.version
    /// As a shell would say: the exit code, or 128 + signal.
    package var code: Int32
    /// nil: it exited by itself.
    package var signal: Int32?
    package var oomKilled: Bool
    /// Since 1970, UTC.
    package var atNanoseconds: Int64
    /// What it wrote, if the request asked for it: the beginning, and `...` where there was more.
    package var output: [UInt8]?
    /// It was killed because its time was over.
    package var timedOut: Bool?

    package init(code: Int32, signal: Int32?, oomKilled: Bool, atNanoseconds: Int64) {
        self.code = code
        self.signal = signal
        self.oomKilled = oomKilled
        self.atNanoseconds = atNanoseconds
    }
}
