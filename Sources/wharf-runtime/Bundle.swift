// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCI
internal import OCIRuntime

/// A bundle directory: its config.json.
struct Bundle {
    let path: String
    let config: [UInt8]
    let specification: Specification

    init(_ options: Options) throws(RuntimeError) {
        var path = options["bundle"] ?? "."
        if !path.hasPrefix("/") {
            do throws(Linux.Errno) {
                let current = try CurrentProcess.workingDirectory()
                path = path == "." ? current : "\(current)/\(path)"
            } catch {
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
