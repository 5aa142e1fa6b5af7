// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Linux

/// A filter that lets everything but what its rules say pass.
@Sendable private func filter(_ rules: JSONValue..., flags: JSONValue? = nil) -> JSONValue {
    var filter: JSONObject = ["defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"]]
    filter["syscalls"] = .array(rules)
    if let flags { filter["flags"] = flags }
    return .object(filter)
}

@Sendable private func rule(_ action: String, _ name: String = "mkdir", errno: Int64? = nil) -> JSONValue {
    var rule: JSONObject = ["names": [.string(name)], "action": .string(action)]
    if let errno { rule["errnoRet"] = .integer(errno) }
    return .object(rule)
}

/// What a program finds whose mkdir(2) the filter is about.
private let actions: [(String, expected: String)] = [
    ("SCMP_ACT_KILL", "159"), ("SCMP_ACT_KILL_PROCESS", "159"), ("SCMP_ACT_KILL_THREAD", "159"),
    ("SCMP_ACT_TRAP", "159"), ("SCMP_ACT_ERRNO", "1"), ("SCMP_ACT_LOG", "0"), ("SCMP_ACT_ALLOW", "0"),
    // Nobody traces: ENOSYS.
    ("SCMP_ACT_TRACE", "1"),
]

/// Which of chmod 600, 640 and 700 an operator with 640 refuses.
private let operators: [(String, refused: [String])] = [
    ("SCMP_CMP_NE", ["600", "700"]), ("SCMP_CMP_LT", ["600"]), ("SCMP_CMP_LE", ["600", "640"]),
    ("SCMP_CMP_EQ", ["640"]), ("SCMP_CMP_GE", ["640", "700"]), ("SCMP_CMP_GT", ["700"]),
]

let seccompCases: [Case] =
    actions.map { action, expected in
        Case("config-linux.md#seccomp", "action \(action)") { box in
            box["linux", "seccomp"] = filter(rule(action))
            try box.prints("mkdir /tmp/made 2>/dev/null; echo $?", expected)
        }
    }
    + operators.map { name, refused in
        Case("config-linux.md#seccomp", "operator \(name)") { box in
            var chmod = rule("SCMP_ACT_ERRNO", "chmod").object ?? [:]
            chmod["args"] = [["index": 1, "value": 0o640, "op": .string(name)]]
            box["linux", "seccomp"] = filter(.object(chmod))
            let script = "touch /tmp/f; for m in 600 640 700; do chmod $m /tmp/f 2>/dev/null || echo $m; done"
            try requireEqual("modes refused", try box.inside(script).words, refused)
        }
    }
    + [
        Case("config-linux.md#seccomp", "operator SCMP_CMP_MASKED_EQ") { box in
            var chmod = rule("SCMP_ACT_ERRNO", "chmod").object ?? [:]
            chmod["args"] = [["index": 1, "value": 0o070, "valueTwo": 0o040, "op": "SCMP_CMP_MASKED_EQ"]]
            box["linux", "seccomp"] = filter(.object(chmod))
            let script = "touch /tmp/f; for m in 600 640 740; do chmod $m /tmp/f 2>/dev/null || echo $m; done"
            try requireEqual("modes refused", try box.inside(script).words, ["640", "740"])
        },
        Case("config-linux.md#seccomp", "errnoRet is what the program gets") { box in
            box["linux", "seccomp"] = filter(rule("SCMP_ACT_ERRNO", errno: 28))
            let text = try box.inside("mkdir /tmp/made 2>&1; true")
            try require(text.contains("No space left"), "ENOSPC", came: text)
        },
        Case("config-linux.md#seccomp", "without errnoRet it is EPERM") { box in
            box["linux", "seccomp"] = filter(rule("SCMP_ACT_ERRNO"))
            let text = try box.inside("mkdir /tmp/made 2>&1; true")
            try require(text.contains("Operation not permitted"), "EPERM", came: text)
        },
        Case("config-linux.md#seccomp", "errnoRet with an action that has none is an error") { box in
            box["linux", "seccomp"] = filter(rule("SCMP_ACT_KILL", errno: 28))
            try box.refused("SCMP_ACT_KILL has no errno")
        },
        Case("config-linux.md#seccomp", "defaultErrnoRet is what everything else gets") { box in
            var all: JSONObject = ["defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 28]
            all["syscalls"] = [["names": .array(harmless.map { .string($0) }), "action": "SCMP_ACT_ALLOW"]]
            box["linux", "seccomp"] = .object(all)
            let text = try box.inside("mkdir /tmp/made 2>&1; true")
            try require(text.contains("No space left"), "ENOSPC", came: text)
        },
        Case("config-linux.md#seccomp", "defaultErrnoRet with an action that has none is an error") { box in
            box["linux", "seccomp"] = ["defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": 28]
            try box.refused("SCMP_ACT_ALLOW has no errno")
        },
        Case("config-linux.md#seccomp", "an unknown default action is an error") { box in
            box["linux", "seccomp"] = ["defaultAction": "SCMP_ACT_NO_SUCH"]
            try box.refused("the action is unknown")
        },
        Case("config-linux.md#seccomp", "an unknown action is an error") { box in
            box["linux", "seccomp"] = filter(rule("SCMP_ACT_NO_SUCH"))
            try box.refused("the action is unknown")
        },
        Case("config-linux.md#seccomp", "an unknown operator is an error") { box in
            var mkdir = rule("SCMP_ACT_ERRNO").object ?? [:]
            mkdir["args"] = [["index": 1, "value": 1, "op": "SCMP_CMP_NO_SUCH"]]
            box["linux", "seccomp"] = filter(.object(mkdir))
            try box.refused("the operator is unknown")
        },
        Case("config-linux.md#seccomp", "an unknown architecture is an error") { box in
            box["linux", "seccomp"] = ["defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_NO_SUCH"]]
            try box.refused("the architecture is unknown")
        },
        Case("config-linux.md#seccomp", "an unknown flag is an error") { box in
            box["linux", "seccomp"] = filter(rule("SCMP_ACT_ERRNO"), flags: ["SECCOMP_FILTER_FLAG_NO_SUCH"])
            try box.refused("the flag is unknown")
        },
        Case("config-linux.md#seccomp", "a rule without a name is an error") { box in
            box["linux", "seccomp"] = filter(["names": [], "action": "SCMP_ACT_ERRNO"])
            try box.refused("names is empty")
        },
        Case("config-linux.md#seccomp", "a filter is the program's") { box in
            box["linux", "seccomp"] = filter(rule("SCMP_ACT_ERRNO"))
            try box.prints("sed -n 's/^Seccomp:.//p' /proc/self/status", "2")
        },
        Case("config-linux.md#seccomp", "a filter is an exec's, too") { box in
            box["linux", "seccomp"] = filter(rule("SCMP_ACT_ERRNO"))
            box.script = "sleep 100"
            try box.createAndStart()
            let outcome = try box.exec("mkdir /tmp/made 2>/dev/null; echo $?")
            try requireEqual("status of mkdir", outcome.output.trimmed, "1")
        },
    ]
    + ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"].map { flag in
        Case("config-linux.md#seccomp", "flag \(flag)") { box in
            box["linux", "seccomp"] = filter(rule("SCMP_ACT_ERRNO"), flags: [.string(flag)])
            try box.prints("mkdir /tmp/made 2>/dev/null; echo $?", "1")
        }
    }

/// What a shell and a runtime's last steps need, but mkdir.
private let harmless = """
    read write open openat close stat fstat lstat newfstatat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask \
    rt_sigreturn ioctl pread64 readv writev access faccessat faccessat2 pipe pipe2 dup dup2 dup3 getpid clone clone3 fork \
    vfork execve execveat exit exit_group wait4 waitid kill tgkill tkill uname fcntl getcwd chdir fchdir readlink readlinkat \
    umask getuid geteuid getgid getegid setuid setgid setgroups setresuid setresgid getresuid getresgid getppid getpgrp setpgid \
    setsid getgroups arch_prctl set_tid_address set_robust_list rseq prlimit64 getrlimit getrandom futex sched_yield madvise statx \
    sigaltstack prctl capget capset close_range gettid times clock_gettime clock_nanosleep nanosleep getdents64 sysinfo \
    epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd2 sendmsg recvmsg sendto recvfrom socket connect seccomp unlink unlinkat \
    sched_getaffinity restart_syscall mremap fstatfs statfs pidfd_send_signal fsync ftruncate fadvise64 getsockopt
    """.words

private let notify = { @Sendable (box: Box, path: String) in
    var all = filter(rule("SCMP_ACT_NOTIFY")).object ?? [:]
    all["listenerPath"] = .string(path)
    all["listenerMetadata"] = "opaque data"
    box["linux", "seccomp"] = .object(all)
    box.script = "mkdir /tmp/made; echo $? >/tmp/status"
}

let seccompNotifyCases: [Case] = [
    Case("config-linux.md#seccomp", "action SCMP_ACT_NOTIFY: the listener decides") { box in
        let agent = try Agent(box)
        notify(box, agent.path)
        try box.createAndStart()
        let message = try agent.receive()
        let asked = try message.waitForQuestion()
        try require(asked, "a notification of mkdir on the descriptor", came: "none")
        // Without anybody to answer the call fails.
        message.close()
        try box.waitUntilStopped()
        try requireEqual("status of mkdir", File.readIfThere("\(box.path)/rootfs/tmp/status"), "1")
    },
    Case("config-linux.md#the-container-process-state", "the listener gets version, pid, state, metadata and names") {
        box in
        box["annotations"] = ["com.example.key": "value"]
        let agent = try Agent(box)
        notify(box, agent.path)
        try box.create()
        let message = try agent.receive()
        let state = message.json
        try require(state["ociVersion"]?.string?.hasPrefix("1.") == true, "ociVersion", came: message.text)
        try requireEqual("fds", state["fds"]?.array, ["seccompFd"])
        try requireEqual("metadata", state["metadata"]?.string, "opaque data")
        try require((state["pid"]?.integer ?? 0) > 0, "pid", came: message.text)
        try requireEqual("state.id", state["state"]?["id"]?.string, box.id)
        try requireEqual("state.bundle", state["state"]?["bundle"]?.string, box.path)
        try requireEqual("state.annotations", state["state"]?["annotations"]?["com.example.key"]?.string, "value")
        try require(message.hasDescriptor, "a descriptor with the message", came: "none")
    },
    Case("config-linux.md#the-container-process-state", "the pid is the container process's") { box in
        let agent = try Agent(box)
        notify(box, agent.path)
        try box.create()
        try requireEqual("pid", try agent.receive().json["pid"]?.integer, Int64(box.pid))
    },
    Case("config-linux.md#seccomp", "a connection carries one state, and is closed then") { box in
        let agent = try Agent(box)
        notify(box, agent.path)
        try box.create()
        let message = try agent.receive()
        try require(message.wasClosed, "a closed connection after one state", came: "more, or an open one")
    },
    Case("config-linux.md#seccomp", "a listener that can't be reached is an error") { box in
        notify(box, "\(box.path)/nobody.sock")
        try box.refused("nobody listens")
    },
    Case("config-linux.md#seccomp", "without SCMP_ACT_NOTIFY the listener is ignored") { box in
        var all = filter(rule("SCMP_ACT_ERRNO")).object ?? [:]
        all["listenerPath"] = .string("\(box.path)/nobody.sock")
        box["linux", "seccomp"] = .object(all)
        try box.accepted()
    },
    Case("config-linux.md#seccomp", "listenerMetadata without listenerPath is an error") { box in
        var all = filter(rule("SCMP_ACT_ERRNO")).object ?? [:]
        all["listenerMetadata"] = "opaque data"
        box["linux", "seccomp"] = .object(all)
        try box.refused("listenerPath is missing")
    },
]

/// A seccomp agent's socket.
private struct Agent {
    let path: String
    private let listener: SharedDescriptor

    init(_ box: Box) throws {
        path = "\(box.path)/agent.sock"
        listener = SharedDescriptor(try StreamSocket.bind(.unix(path)))
        try StreamSocket.listen(listener.descriptor, backlog: 4)
    }

    final class Message {
        let text: String
        let json: JSONValue
        let wasClosed: Bool
        private var descriptor: SharedDescriptor?

        init(_ text: String, _ json: JSONValue, closed: Bool, _ descriptor: SharedDescriptor?) {
            self.text = text
            self.json = json
            wasClosed = closed
            self.descriptor = descriptor
        }

        var hasDescriptor: Bool { descriptor != nil }
        func close() { descriptor = nil }

        func waitForQuestion() throws -> Bool {
            guard let descriptor else { return false }
            var entries = [PollSet.Entry(descriptor.rawValue, read: true)]
            try PollSet.wait(&entries, milliseconds: 5000)
            return entries[0].isReadable
        }
    }

    func receive() throws -> Message {
        let (descriptor, first, connection) = try Console.receiveDescriptor(listener.descriptor)
        var bytes = first
        var buffer = [UInt8](repeating: 0, count: 65536)
        var closed = false
        while true {
            var entries = [PollSet.Entry(connection.rawValue, read: true)]
            try PollSet.wait(&entries, milliseconds: 1000)
            guard entries[0].isReadable else { break }
            let count = Glibc.read(connection.rawValue, &buffer, buffer.count)
            closed = count == 0
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let json = try? JSON.parse(bytes) else {
            throw Mismatch(expected: "one state in JSON", came: text)
        }
        return Message(text, json, closed: closed, descriptor)
    }
}
