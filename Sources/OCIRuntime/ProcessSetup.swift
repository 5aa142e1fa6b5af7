// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// The last steps before a program runs, the same for a container's first process and for one that `exec` adds.
enum ProcessSetup {
    /// Drops privileges and finds the program. `initProgram`: another program will look for it.
    static func finish(
        _ process: RuntimeSpec.Process, credentials: Credentials, filter: SystemCallFilter?, attributes: TaskAttributes,
        handOver: (borrowing FileDescriptor) throws(RuntimeError) -> Void, initProgram: Bool = false,
        preservedDescriptors: UInt32 = 0
    ) throws(RuntimeError) -> PreparedProgram {
        try attributes.apply()
        if credentials.noNewPrivileges {
            try step("no_new_privs") { () throws(Linux.Errno) in try CurrentProcess.setNoNewPrivileges() }
        } else {
            // BEFORE capabilities are dropped: without no_new_privs a filter needs CAP_SYS_ADMIN.
            try filter?.load(handOver)
        }
        try credentials.apply()
        CurrentProcess.setMask(process.user?.umask ?? 0o022)
        let arguments = process.args ?? []
        let environment = environment(process.env ?? [], uid: credentials.uid)
        // AFTER the user changed: whether a file may be executed is asked as that user.
        let path = initProgram ? "" : try Executable.find(arguments[0], environment: environment)
        var late = credentials.noNewPrivileges ? filter : nil
        if let filter = late, filter.hasListener {
            // While there is a runtime that can tell the agent.
            try filter.load(handOver)
            late = nil
        }
        let program = PreparedProgram(
            path: path, arguments: CStringArray(initProgram ? ["/sbin/docker-init", "--"] + arguments : arguments),
            environment: CStringArray(environment), lateFilter: late, preservedDescriptors: preservedDescriptors)
        return program
    }

    /// HOME is the one variable that has no place in the specification and that every shell wants: the daemon sets it
    /// from the image's /etc/passwd; where nobody did, it is what login(1) gives to root.
    private static func environment(_ given: [String], uid: UInt32) -> [String] {
        given.contains { $0.hasPrefix("HOME=") } ? given : given + ["HOME=\(uid == 0 ? "/root" : "/")"]
    }
}

/// A program that was found, and all it gets.
final class PreparedProgram {
    let path: String
    let arguments: CStringArray
    let environment: CStringArray
    /// With no_new_privs a filter is loaded last, so that it need not allow what setting up takes.
    let lateFilter: SystemCallFilter?
    /// How many after standard error it was promised.
    let preservedDescriptors: UInt32

    init(
        path: String, arguments: consuming CStringArray, environment: consuming CStringArray,
        lateFilter: SystemCallFilter?, preservedDescriptors: UInt32
    ) {
        self.preservedDescriptors = preservedDescriptors
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.lateFilter = lateFilter
    }

    /// Becomes the program. A failure is told on standard error, which is the container's, with exit code 255, as runc
    /// has it. `initProgram` runs instead and gets the program as its arguments.
    func execute(initProgram: SharedDescriptor? = nil) -> Never {
        var message: String
        do throws(RuntimeError) {
            message = "exec \(path): \(try tryToExecute(initProgram: initProgram).code)\n"
        } catch {
            message = "\(error)\n"
        }
        message.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
        exitNow(255)
    }

    /// Becomes the program, or says what the kernel had against it.
    func tryToExecute(initProgram: SharedDescriptor? = nil) throws(RuntimeError) -> Linux.Errno {
        // LAST: no descriptor of ours may leak into the program (rule R12).
        try step("exec \(path)") { () throws(Linux.Errno) in try closeRangeOnExec(from: 3 + preservedDescriptors) }
        // It has no listener.
        try lateFilter?.load { _ in }
        return initProgram?.descriptor.execute(arguments, environment)
            ?? Linux.execute(path, arguments, environment)
    }
}

extension ProcessStreams {
    /// Pipes belong to the user who is to open them by name; in the container's user namespace nobody could say so.
    func giveTo(_ uid: UInt32?) {
        guard let uid else { return }
        let numbers: [Int32]
        switch self {
        case .inherit: numbers = [0, 1, 2]
        case .files(let input, let output, let error): numbers = [input.rawValue, output.rawValue, error.rawValue]
        case .terminal: numbers = []
        }
        for number in numbers {
            var status = stat()
            if fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFIFO { _ = fchown(number, uid, gid_t.max) }
        }
    }

    /// Makes them descriptors 0, 1 and 2 of this process, owned by the user it is about to become, so that it can open
    /// /dev/stdout by name.
    func install(terminal: TerminalPair?, uid: UInt32) throws(RuntimeError) {
        do throws(Linux.Errno) {
            switch self {
            case .inherit: break
            case .files(let input, let output, let error):
                try input.descriptor.place(at: 0)
                try output.descriptor.place(at: 1)
                try error.descriptor.place(at: 2)
            case .terminal:
                guard let slave = terminal else { break }
                try slave.slave.makeControllingTerminal()
                for number: Int32 in 0...2 { try slave.slave.place(at: number) }
            }
        } catch {
            throw RuntimeError(error, at: "setting up standard streams")
        }
        guard uid != 0 else { return }
        for number: Int32 in 0...2 {
            var status = stat()
            guard fstat(number, &status) == 0, status.st_uid != uid else { continue }
            let isDevice = status.st_mode & S_IFMT == S_IFCHR && !isTerminal
            let isOurs = status.st_mode & S_IFMT == S_IFIFO || isTerminal
            // Files and devices of the host keep their owner.
            if isOurs, !isDevice { _ = fchown(number, uid, gid_t.max) }
        }
    }
}
