// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// The last steps before a program runs, the same for a container's first process and for one that `exec` adds.
enum ProcessSetup {
    /// Drops privileges and finds the program. `initProgram`: another program will look for it.
    static func finish(
        _ process: RuntimeSpec.Process, credentials: Credentials, filter: SystemCallFilter?, personality: UInt?,
        initProgram: Bool = false, preservedDescriptors: UInt32 = 0
    ) throws(RuntimeError) -> PreparedProgram {
        // BEFORE the filter, which allows only some.
        if let personality {
            try step("linux.personality") { () throws(Linux.Errno) in try CurrentProcess.setPersonality(personality) }
        }
        if let priority = process.ioPriority { try setPriority(priority) }
        if credentials.noNewPrivileges {
            try step("no_new_privs") { () throws(Linux.Errno) in try CurrentProcess.setNoNewPrivileges() }
        } else {
            // BEFORE capabilities are dropped: without no_new_privs a filter needs CAP_SYS_ADMIN.
            try filter?.load()
        }
        try credentials.apply()
        CurrentProcess.setMask(process.user?.umask ?? 0o022)
        let arguments = process.args ?? []
        let environment = environment(process.env ?? [], uid: credentials.uid)
        // AFTER the user changed: whether a file may be executed is asked as that user.
        let path = initProgram ? "" : try Executable.find(arguments[0], environment: environment)
        let program = PreparedProgram(
            path: path, arguments: CStringArray(initProgram ? ["/sbin/docker-init", "--"] + arguments : arguments),
            environment: CStringArray(environment), lateFilter: credentials.noNewPrivileges ? filter : nil,
            preservedDescriptors: preservedDescriptors)
        return program
    }

    /// HOME is the one variable that has no place in the specification and that every shell wants: the daemon sets it
    /// from the image's /etc/passwd; where nobody did, it is what login(1) gives to root.
    private static func environment(_ given: [String], uid: UInt32) -> [String] {
        given.contains { $0.hasPrefix("HOME=") } ? given : given + ["HOME=\(uid == 0 ? "/root" : "/")"]
    }

    private static func setPriority(_ priority: RuntimeSpec.IOPriority) throws(RuntimeError) {
        let classes = ["IOPRIO_CLASS_RT": Int32(1), "IOPRIO_CLASS_BE": 2, "IOPRIO_CLASS_IDLE": 3]
        guard let kind = classes[priority.class], let level = Int32(exactly: priority.priority), (0...7).contains(level)
        else { throw RuntimeError(.invalid, "process.ioPriority: \(priority.class) \(priority.priority)") }
        try step("setting the I/O priority") { () throws(Linux.Errno) in
            try CurrentProcess.setIOPriority(class: kind, priority: level)
        }
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
        try lateFilter?.load()
        return initProgram?.descriptor.execute(arguments, environment)
            ?? Linux.execute(path, arguments, environment)
    }
}

extension ProcessStreams {
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
