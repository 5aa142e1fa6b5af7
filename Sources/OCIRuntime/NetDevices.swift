// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// `linux.netDevices`: interfaces of the host's that go into the container's network namespace, with their addresses.
enum NetDevices {
    static func check(
        _ devices: [String: RuntimeSpec.NetDevice], _ namespaces: NamespacePlan
    ) throws(RuntimeError) {
        guard !devices.isEmpty else { return }
        guard namespaces.own(.network) else {
            throw RuntimeError(.invalid, "linux.netDevices needs a network namespace in linux.namespaces")
        }
        var names: Set<String> = []
        for (host, device) in devices {
            let name = device.name ?? host
            for (field, text) in [("linux.netDevices", host), ("linux.netDevices.\(host).name", name)] {
                let isName =
                    (1...15).contains(text.utf8.count) && text != "." && text != ".."
                    && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 0x2f && $0 != 0x3a && $0 != 0x25 }
                guard isName else {
                    throw RuntimeError(
                        .invalid, "\(field): \"\(text)\" must be an interface's name: 1 to 15 characters, none of / : %"
                    )
                }
            }
            guard names.insert(name).inserted else {
                throw RuntimeError(.invalid, "linux.netDevices: two interfaces can't both be \"\(name)\"")
            }
        }
    }

    /// In the runtime, while the child sets up the rest.
    static func move(
        _ devices: [String: RuntimeSpec.NetDevice], into namespace: borrowing FileDescriptor
    ) throws(RuntimeError) {
        let hosts = try step("linux.netDevices") { () throws(Linux.Errno) in try NetlinkSocket.route() }
        let inside = try socket(in: namespace)
        for (host, device) in devices.sorted(by: { $0.key < $1.key }) {
            let name = device.name ?? host
            let link = try step("linux.netDevices.\(host)") { () throws(Linux.Errno) in try hosts.link(named: host) }
            guard let link else {
                throw RuntimeError(.invalid, "linux.netDevices: the host has no interface \"\(host)\"")
            }
            try step("linux.netDevices.\(host)") { () throws(Linux.Errno) in
                let addresses = try hosts.permanentAddresses(of: link.index)
                try hosts.perform([.moveLink(link.index, to: namespace.rawValue, name: name)])
                guard let moved = try inside.link(named: name) else {
                    throw Linux.Errno(.noDevice, "RTM_GETLINK", name)
                }
                // AFTER it is up: an IPv6 address of an interface that is down goes when it comes up.
                try inside.perform([.setLinkUp(moved.index)])
                try inside.perform(addresses.map { .addAddress($0, to: moved.index) })
            }
        }
    }

    private static func socket(in namespace: borrowing FileDescriptor) throws(RuntimeError) -> NetlinkSocket {
        try step("linux.netDevices: entering the network namespace") { () throws(Linux.Errno) in
            let own = try FileDescriptor.open("/proc/self/ns/net", O_RDONLY)
            try namespace.enterNamespaces(.network)
            defer { try? own.enterNamespaces(.network) }
            return try NetlinkSocket.route()
        }
    }
}
