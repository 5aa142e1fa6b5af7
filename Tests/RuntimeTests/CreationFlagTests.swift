// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import Testing

/// Flags of runc's that few callers use. Needs root.
@Suite(.serialized) struct CreationFlagTests {
    @Test func withoutPivoting() throws {
        let bundle = try TestBundle("sh", "-c", "ls /etc; cat /proc/self/mountinfo | wc -l; exec sleep 1000")
        try bundle.writeConfiguration()
        let created = try bundle.runtime(
            "run -d --no-pivot -b \(bundle.path) \(bundle.id) </dev/null >\(bundle.path)/out 2>&1; cat \(bundle.path)/out"
        )
        #expect(created.output.hasPrefix("passwd\n") || created.output == "", "\(created.output)")
        #expect(try eventually { try shell("wc -l <\(bundle.path)/out").output == "2\n" })
        // Who enters the mount namespace gets to the container's root, not to what lies below it.
        let pid = try bundle.runtime("ps -f json \(bundle.id)").output.filter(\.isNumber)
        #expect(
            try shell("nsenter --mount=/proc/\(pid)/ns/mnt /bin/busybox ls /").output
                == "bin\ndev\netc\nproc\nsys\ntmp\n")
        // No procfs that hides nothing is left there, or a user namespace could have one, too (mount_namespaces(7)).
        let fresh = try shell(
            "nsenter --mount=/proc/\(pid)/ns/mnt --pid=/proc/\(pid)/ns/pid /bin/busybox unshare -Ur /bin/busybox mount -t proc p /tmp",
            mayFail: true)
        #expect(fresh.status != 0 && fresh.output.contains("ermi"), "\(fresh.output)")
        #expect(try bundle.exec("ls /etc").output == "passwd\n")
    }

    @Test func theSocketGetsAPidfd() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.writeConfiguration()
        let path = "\(bundle.path)/pidfd"
        let listening = try StreamSocket.bind(.unix(path))
        try StreamSocket.listen(listening, backlog: 4)
        let created = try bundle.runtime(
            "create --pidfd-socket \(path) -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>&1")
        #expect(created.status == 0)
        let first = try accept(listening)
        #expect(first.word == "standard")
        #expect(try bundle.runtime("start \(bundle.id)").status == 0)
        #expect(
            try bundle.runtime("exec -d --pidfd-socket \(path) \(bundle.id) sleep 1000 </dev/null >/dev/null 2>&1")
                .status == 0)
        let second = try accept(listening)
        #expect(second.word == "setns")
        try second.process.descriptor.signalProcess(SIGKILL)
        #expect(
            try eventually { try bundle.runtime("ps -f json \(bundle.id)").output.split(separator: ",").count == 1 })
        try first.process.descriptor.signalProcess(SIGKILL)
        #expect(try eventually { try bundle.status() == "stopped" })
        let refused = try bundle.runtime("run --pidfd-socket \(bundle.path)/nobody -b \(bundle.path) other </dev/null")
        #expect(refused.status == 125 && refused.output.contains("pidfd-socket \(bundle.path)/nobody"))
        #expect(try shell("ls \(bundle.path)/state").output == "\(bundle.id)\n")
    }

    private func accept(_ socket: borrowing FileDescriptor) throws -> (word: String, process: SharedDescriptor) {
        var entry = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
        try #require(poll(&entry, 1, 10_000) == 1)
        let number = Glibc.accept(socket.rawValue, nil, nil)
        try #require(number >= 0)
        let connection = FileDescriptor(owning: number)
        guard var packet = try connection.receivePacket(limit: 4096), let process = packet.descriptor.take() else {
            throw Failure(text: "nothing came with a descriptor")
        }
        return (String(decoding: packet.bytes, as: UTF8.self), SharedDescriptor(process))
    }

    /// As in config.json: a label that nothing enforces is refused.
    @Test func aLabelNeedsSELinux() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        let outcome = try bundle.runtime("exec --process-label system_u:system_r:x_t:s0 \(bundle.id) true </dev/null")
        if access("/sys/fs/selinux/enforce", F_OK) != 0 {
            #expect(outcome.status == 255 && outcome.output.contains("process.selinuxLabel needs SELinux"))
        }
    }
}
