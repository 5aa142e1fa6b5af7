// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Linux

let processCases: [Case] =
    [
        Case("config.md#process", "without process, start is an error") { box in
            box["process"] = nil
            guard try box.tryCreate().succeeded else { return }
            let started = try box.call("start", [box.id])
            try require(!started.succeeded, "create or start generates an error", came: "both succeeded")
        },
        Case("config.md#process", "with a terminal, all three streams are it") { box in
            box["process", "terminal"] = true
            box.script = "for i in 0 1 2; do [ -t $i ] || echo no $i; done; tty; echo end"
            let text = try Console.output(box)
            try require(text.contains("/dev/pts/0"), "/dev/pts/0 as the terminal", came: text)
            try require(!text.contains("no "), "three terminals", came: text)
        },
        Case("config.md#process", "there is no terminal by default") { box in
            try box.prints("for i in 0 1 2; do [ -t $i ] && echo terminal $i; done; echo end", "end")
        },
        Case("config.md#process", "consoleSize is the terminal's size") { box in
            box["process", "terminal"] = true
            box["process", "consoleSize"] = ["height": 33, "width": 111]
            box.script = "stty size; echo end"
            let text = try Console.output(box)
            try require(text.contains("33 111"), "33 111", came: text)
        },
        Case("config.md#process", "consoleSize without a terminal is ignored") { box in
            box["process", "consoleSize"] = ["height": 33, "width": 111]
            try box.accepted()
        },
        Case("config.md#process", "cwd is the working directory") { box in
            box["process", "cwd"] = "/tmp"
            try box.prints("pwd", "/tmp")
        },
        Case("config.md#process", "a relative cwd is an error") { box in
            box["process", "cwd"] = "tmp"
            try box.refused("process.cwd is relative")
        },
        Case("config.md#process", "the environment is what env says, and nothing else") { box in
            box["process", "env"] = ["PATH=/bin", "A=first value", "B=", "C=x=y"]
            box["process", "args"] = ["/bin/env"]
            box.environment = ["LEAKED=yes"]
            let outcome = try box.runOnce()
            let lines = Set(outcome.output.lines).subtracting(["HOME=/", "HOME=/root"])
            try requireEqual("environment", lines, ["PATH=/bin", "A=first value", "B=", "C=x=y"])
        },
        Case("config.md#process", "args arrive as they are") { box in
            box["process", "args"] = [
                "/bin/sh", "-c", "for a in \"$@\"; do echo \"[$a]\"; done", "name", "a b", "", "*",
            ]
            try requireEqual("output", try box.runOnce().output.lines, ["[a b]", "[]", "[*]"])
        },
        Case("config.md#process", "a program without a slash is looked up in PATH") { box in
            _ = try box.host("mkdir rootfs/elsewhere && ln -s /bin/busybox rootfs/elsewhere/echo")
            box["process", "env"] = ["PATH=/nowhere:/elsewhere"]
            box["process", "args"] = ["echo", "found"]
            try requireEqual("output", try box.runOnce().output, "found\n")
        },
        Case("config.md#process", "args without an entry are an error") { box in
            box["process", "args"] = []
            try box.refused("process.args is empty")
        },
        Case("config.md#process", "a missing cwd is an error") { box in
            box["process", "cwd"] = nil
            try box.refused("process.cwd is missing")
        },
        Case("config.md#posix-process", "soft and hard limits are the configured ones") { box in
            box["process", "rlimits"] = [
                ["type": "RLIMIT_NOFILE", "soft": 111, "hard": 222], ["type": "RLIMIT_CORE", "soft": 0, "hard": 4096],
            ]
            let limits = try box.inside("cat /proc/self/limits").lines
            let files = limits.first { $0.hasPrefix("Max open files") }?.words ?? []
            try requireEqual("RLIMIT_NOFILE", Array(files.dropFirst(3).prefix(2)), ["111", "222"])
            let core = limits.first { $0.hasPrefix("Max core file size") }?.words ?? []
            try requireEqual("RLIMIT_CORE", Array(core.dropFirst(4).prefix(2)), ["0", "4096"])
        },
        Case("config.md#posix-process", "an unknown limit is an error") { box in
            box["process", "rlimits"] = [["type": "RLIMIT_NOSUCH", "soft": 1, "hard": 1]]
            try box.refused("RLIMIT_NOSUCH is unknown")
        },
        Case("config.md#posix-process", "the same limit twice is an error") { box in
            box["process", "rlimits"] = [
                ["type": "RLIMIT_NOFILE", "soft": 111, "hard": 222],
                ["type": "RLIMIT_NOFILE", "soft": 112, "hard": 222],
            ]
            try box.refused("RLIMIT_NOFILE comes twice")
        },
        Case("config.md#linux-process", "a capability the kernel does not know is no error", .should) { box in
            box.append("CAP_NO_SUCH", to: "process", "capabilities", "bounding")
            try box.accepted()
        },
        Case("config.md#linux-process", "a capability that can't be granted is warned of") { box in
            box.append("CAP_NO_SUCH", to: "process", "capabilities", "bounding")
            box.script = "true"
            try box.writeConfiguration()
            let log = "\(box.path)/log"
            let outcome = try Command.run(
                [box.runtime, "--root", "\(box.path)/state", "--log", log, "run", "--bundle", box.path, box.id],
                directory: box.path)
            let text = (File.readIfThere(log) ?? "") + outcome.errors
            try require(text.contains("CAP_NO_SUCH"), "CAP_NO_SUCH in the log or on standard error", came: text)
        },
        Case("config.md#linux-process", "noNewPrivileges") { box in
            box["process", "noNewPrivileges"] = true
            try box.prints("grep NoNewPrivs /proc/self/status | cut -f 2", "1")
        },
        Case("config.md#linux-process", "without noNewPrivileges they can be gained") { box in
            try box.prints("grep NoNewPrivs /proc/self/status | cut -f 2", "0")
        },
        Case("config.md#linux-process", "oomScoreAdj is set") { box in
            box["process", "oomScoreAdj"] = 321
            try box.prints("cat /proc/self/oom_score_adj", "321")
        },
        Case("config.md#linux-process", "without oomScoreAdj the value stays") { box in
            try box.prints("cat /proc/self/oom_score_adj", try File.read("/proc/self/oom_score_adj").trimmed)
        },
    ]
    + ["bounding": "Bnd", "permitted": "Prm", "effective": "Eff", "inheritable": "Inh", "ambient": "Amb"]
    .sorted { $0.key < $1.key }.map { set, name in
        Case("config.md#linux-process", "capabilities.\(set) is the set the program has") { box in
            // The program is root's: without these its permitted set would be its bounding set.
            box["process", "user"] = ["uid": 1000, "gid": 1000]
            let all: JSONValue = ["CAP_KILL", "CAP_NET_RAW", "CAP_CHOWN"]
            let some: JSONValue = ["CAP_KILL", "CAP_CHOWN"]
            box["process", "capabilities"] = [
                "bounding": all, "permitted": some, "effective": some, "inheritable": some, "ambient": some,
            ]
            let expected = set == "bounding" ? 1 << 5 | 1 << 13 | 1 : 1 << 5 | 1
            let text = try box.inside("sed -n 's/^Cap\(name):.//p' /proc/self/status")
            try requireEqual("Cap\(name)", Int(text, radix: 16) ?? -1, expected)
        }
    }

/// The other end of `--console-socket`.
enum Console {
    /// Creates and starts the container; all that its terminal shows until it ends.
    static func output(_ box: Box) throws -> String {
        let path = "\(box.path)/console.sock"
        let listener = try StreamSocket.bind(.unix(path))
        try StreamSocket.listen(listener, backlog: 4)
        try box.create(["--console-socket", path])
        let master = try receiveDescriptor(listener).descriptor
        guard let master else { throw Mismatch(expected: "a terminal on the console socket", came: "none") }
        try box.start()
        try box.waitUntilStopped()
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var entries = [PollSet.Entry(master.rawValue, read: true)]
            try PollSet.wait(&entries, milliseconds: 200)
            guard entries[0].isReadable else { break }
            let count = Glibc.read(master.rawValue, &buffer, buffer.count)
            if count <= 0 { break }
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The first message of the next connection, and what came with it.
    static func receiveDescriptor(
        _ listener: borrowing FileDescriptor, milliseconds: Int32 = 5000
    ) throws -> (descriptor: SharedDescriptor?, bytes: [UInt8], connection: SharedDescriptor) {
        var entries = [PollSet.Entry(listener.rawValue, read: true)]
        try PollSet.wait(&entries, milliseconds: milliseconds)
        guard entries[0].isReadable else { throw Mismatch(expected: "a connection to the socket", came: "none") }
        let number = accept(listener.rawValue, nil, nil)
        guard number >= 0 else { throw Trouble("accept: \(String(cString: strerror(errno)))") }
        let connection = SharedDescriptor(FileDescriptor(owning: number))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 1)
        defer { buffer.deallocate() }
        var packet = try connection.descriptor.receivePacket(into: buffer)
        var shared: SharedDescriptor?
        if let descriptor = packet.takeDescriptor() { shared = SharedDescriptor(descriptor) }
        return (shared, Array(buffer[..<packet.count]), connection)
    }
}
