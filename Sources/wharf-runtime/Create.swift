// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `create ID`: makes the container, whose process waits for `start`.
enum Create {
    static let flags: [Options.Flag] = [
        .init(name: "bundle", short: "b"), .init(name: "console-socket"), .init(name: "pid-file"),
        .init(name: "pidfd-socket", refused: true), .init(name: "no-pivot", takesValue: false, refused: true),
        .init(name: "no-new-keyring", takesValue: false, refused: true), .init(name: "preserve-fds"),
    ]

    static func run(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 {
        try ReadOnlyProgram.ensure()
        let options = try Options(context.arguments, flags, command: "create")
        let id = try options.containerID("create")
        let directory = try context.store.makeDirectory(id)
        do throws(RuntimeError) {
            let bundle = try Bundle(options)
            let fifo = try makeFifo(directory)
            let console = try ConsoleSocket(options["console-socket"], needed: bundle.wantsTerminal)
            let container = try Container.create(
                ContainerRequest(
                    id: id, specification: bundle.specification, bundle: bundle.path, rootfs: .path,
                    streams: bundle.wantsTerminal ? .terminal : .inherit, gate: .fifo(fifo),
                    filterCache: context.filterCache))
            do throws(RuntimeError) {
                try console.send(container)
                try context.store.save(container, config: bundle.config)
                try writePid(container.process.pid, to: options["pid-file"])
            } catch {
                try? container.signal(SIGKILL)
                _ = try? container.process.pidfd.waitForProcess()
                try? container.delete()
                throw error
            }
        } catch {
            try? context.store.remove(id)
            throw error
        }
        return 0
    }

    /// Open for reading and writing, so that reading waits for `start` and never sees an end.
    private static func makeFifo(_ directory: String) throws(RuntimeError) -> FileDescriptor {
        let path = "\(directory)/exec.fifo"
        guard mkfifo(path, 0o600) == 0, let fifo = try? FileDescriptor.open(path, O_RDWR) else {
            throw RuntimeError(.system, "mkfifo \(path): \(Linux.Errno.last("mkfifo").code)")
        }
        return fifo
    }

    static func writePid(_ pid: Int32, to path: String?) throws(RuntimeError) {
        guard let path else { return }
        do throws(Linux.Errno) {
            // Whole or not at all: an engine may be watching for it.
            let file = try FileDescriptor.open("\(path).tmp", O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
            try file.writeAll(Array("\(pid)".utf8))
            guard rename("\(path).tmp", path) == 0 else { throw .last("rename", path) }
        } catch {
            throw RuntimeError(.system, "pid-file: \(error)")
        }
    }
}

/// A bundle directory: its config.json.
struct Bundle {
    let path: String
    let config: [UInt8]
    let specification: Specification

    init(_ options: Options) throws(RuntimeError) {
        let preserved = options["preserve-fds"] ?? "0"
        guard preserved == "0" else { throw RuntimeError(.unsupported, "flag --preserve-fds is not supported") }
        var path = options["bundle"] ?? "."
        if !path.hasPrefix("/") {
            do throws(Linux.Errno) { path = "\(try CurrentProcess.workingDirectory())/\(path)" } catch {
                throw RuntimeError(.system, "getcwd: \(error)")
            }
        }
        self.path = path
        config = try StateStore.read("\(path)/config.json")
        specification = try Specification(json: config)
    }

    var wantsTerminal: Bool { specification.spec.process?.terminal ?? false }
}

/// `--console-socket`: a listening Unix socket that gets the terminal's master.
struct ConsoleSocket: ~Copyable {
    private var socket: FileDescriptor?

    init(_ path: String?, needed: Bool) throws(RuntimeError) {
        guard (path != nil) == needed else {
            throw RuntimeError(
                .invalid,
                needed
                    ? "cannot allocate tty if runc will detach without setting console socket"
                    : "cannot use console socket if runc will not detach or allocate tty")
        }
        guard let path else {
            socket = nil
            return
        }
        do throws(Linux.Errno) { socket = .some(try StreamSocket.connect(.unix(path))) } catch {
            throw RuntimeError(.system, "console-socket \(path): \(error)")
        }
    }

    func send(_ container: Container) throws(RuntimeError) {
        let sent = send(container.process)
        if let sent { throw RuntimeError(.system, "console-socket: \(sent)") }
    }

    /// The message is the name of the file, as runc has it.
    func send(_ process: borrowing StartedProcess) -> Linux.Errno? {
        do throws(Linux.Errno) {
            guard let master = try process.terminal?.duplicate() else { return nil }
            try socket?.sendPacket(Array("/dev/ptmx".utf8), descriptor: master)
            return nil
        } catch {
            return error
        }
    }
}
