// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Linux
import OCI
import Testing

/// System calls that another process answers, and interfaces that come from the host. Needs root.
@Suite(.serialized) struct AgentTests {
    @Test(arguments: [false, true]) func theAgentGetsTheListener(_ noNewPrivileges: Bool) throws {
        let bundle = try TestBundle("sleep", "1000")
        let path = "\(bundle.path)/agent"
        let listening = try StreamSocket.bind(.unix(path))
        try StreamSocket.listen(listening, backlog: 4)
        var filter = RuntimeSpec.Seccomp(defaultAction: "SCMP_ACT_ALLOW")
        filter.listenerPath = path
        filter.listenerMetadata = "for you"
        filter.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "SECCOMP_FILTER_FLAG_LOG"]
        filter.syscalls = [.init(names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY")]
        bundle.spec.linux?.seccomp = filter
        bundle.spec.process?.noNewPrivileges = noNewPrivileges
        try bundle.start()
        let first = try accept(listening)
        #expect(first.state["metadata"]?.string == "for you")
        #expect(first.state["fds"] == .array([.string("seccompFd")]))
        #expect(first.state["state"]?["id"]?.string == bundle.id)
        #expect(first.state["state"]?["status"]?.string == "creating")
        #expect(first.state["pid"] == first.state["state"]?["pid"])
        // An exec has a listener of its own.
        let out = "\(bundle.path)/mkdir"
        try shell(
            "\(TestBundle.program) --root \(bundle.path)/state exec \(bundle.id) mkdir /tmp/x </dev/null >\(out) 2>&1 &"
        )
        let second = try accept(listening)
        #expect(second.state["state"]?["status"]?.string == "running")
        #expect(second.state["pid"] != second.state["state"]?["pid"])
        try answer(second.listener, error: ENOSPC)
        #expect(try eventually { try shell("cat \(out)").output.contains("No space left on device") })
    }

    @Test func withoutAnAgentThereIsNoContainer() throws {
        let bundle = try TestBundle("true")
        var filter = RuntimeSpec.Seccomp(defaultAction: "SCMP_ACT_ALLOW")
        filter.listenerPath = "\(bundle.path)/nobody"
        filter.syscalls = [.init(names: ["mkdir"], action: "SCMP_ACT_NOTIFY")]
        bundle.spec.linux?.seccomp = filter
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains("linux.seccomp.listenerPath"), "\(outcome.output)")
        #expect(try bundle.status().isEmpty)
    }

    private func accept(_ socket: borrowing FileDescriptor) throws -> (state: JSONValue, listener: SharedDescriptor) {
        var entry = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
        try #require(poll(&entry, 1, 10_000) == 1)
        let number = Glibc.accept(socket.rawValue, nil, nil)
        try #require(number >= 0)
        let connection = FileDescriptor(owning: number)
        guard var packet = try connection.receivePacket(limit: 65_536), let listener = packet.descriptor.take() else {
            throw Failure(text: "nothing came with a descriptor")
        }
        return (try JSON.parse(packet.bytes), SharedDescriptor(listener))
    }

    /// Answers one notification: SECCOMP_IOCTL_NOTIF_RECV and _SEND.
    private func answer(_ listener: SharedDescriptor, error: Int32) throws {
        var request = [UInt8](repeating: 0, count: 80)
        try #require(ioctl(listener.rawValue, 0xc050_2100, &request) == 0)
        var response = Array(request[0..<8]) + [UInt8](repeating: 0, count: 16)
        response.withUnsafeMutableBytes { $0.storeBytes(of: -error, toByteOffset: 16, as: Int32.self) }
        try #require(ioctl(listener.rawValue, 0xc018_2101, &response) == 0)
    }

    @Test func anInterfaceMovesIn() throws {
        let bundle = try TestBundle("/bin/busybox", "ip", "addr", "show", "inside0")
        bundle.spec.linux?.netDevices = ["whdev0": .init(name: "inside0")]
        try bundle.writeConfiguration()
        let setup = """
            ip link add whdev0 type veth peer name whdev1; ip addr add 10.9.8.7/24 dev whdev0
            ip addr add fd00::7/64 dev whdev0 nodad; ip link set whdev1 up
            """
        let run = "\(TestBundle.program) --root \(bundle.path)/state run -b \(bundle.path) \(bundle.id) </dev/null"
        let output = try shell(
            "nsenter --net=/proc/self/ns/net unshare -n sh -c '\(setup); \(run); ip -o link show'", mayFail: true
        ).output
        #expect(output.contains("10.9.8.7/24") && output.contains("fd00::7/64"), "\(output)")
        #expect(output.contains("inside0") && output.contains(",UP"))
        #expect(!output.contains("whdev0@"))
        let refused = try bundle.run()
        #expect(refused.status == 125)
        #expect(refused.output.contains(#"linux.netDevices: the host has no interface "whdev0""#), "\(refused.output)")
    }
}
