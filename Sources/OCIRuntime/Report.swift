// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// What the runtime and the child it forked tell each other, over a `MessagePair`: the first byte says what.
enum Report: UInt8 {
    // From the child.
    /// A pseudo-terminal's master comes with this.
    case terminal = 0x54
    /// The namespaces are made: the createRuntime hooks may run. The child waits for `proceed`.
    case hooks = 0x48
    /// The container is set up.
    case ready = 0x52
    /// A `RuntimeError`: code, NUL, message. The child ends.
    case failed = 0x45
    /// The filter's listener comes with this: it is for the agent.
    case listener = 0x4c
    /// From a `Stage`: the child's pid, four bytes, and its pidfd.
    case forked = 0x50
    // From the runtime.
    /// The child's cgroup is there, with its limits: the child enters it.
    case cgroup = 0x43
    case proceed = 0x47
    /// The container is on record: the child may outlive the runtime.
    case recorded = 0x4b
    /// The child's user namespace has its ids.
    case mapped = 0x4d
    /// One of the descriptors of the report that comes next.
    case descriptor = 0x46
}

extension FileDescriptor {
    func report(_ report: Report) throws(RuntimeError) {
        try step("telling the runtime") { () throws(Errno) in try sendPacket([report.rawValue]) }
    }

    func report(_ error: RuntimeError) {
        let text = Array(error.message.utf8.prefix(3000))
        // Nobody to tell is nobody who cares.
        try? sendPacket([Report.failed.rawValue] + Array(error.code.rawValue.utf8) + [0] + text)
    }

    /// In the child: waits for one report.
    @discardableResult
    func expect(_ report: Report) throws(RuntimeError) -> [SharedDescriptor] {
        var descriptors: [SharedDescriptor] = []
        while true {
            let packet = try step("waiting for the runtime") { () throws(Errno) in try receivePacket(limit: 64) }
            guard var packet, let kind = packet.bytes.first else { throw RuntimeError(.system, "the runtime has gone") }
            if kind == report.rawValue { return descriptors }
            guard kind == Report.descriptor.rawValue, let descriptor = packet.descriptor.take() else {
                throw RuntimeError(.system, "the runtime has gone")
            }
            descriptors.append(SharedDescriptor(descriptor))
        }
    }
}

extension RuntimeError {
    /// Reads what `report(_:)` wrote.
    init(report bytes: [UInt8]) {
        let body = bytes.dropFirst()
        let code = body.prefix { $0 != 0 }
        let message = body.dropFirst(code.count + 1)
        self.init(
            Code(rawValue: String(decoding: code, as: UTF8.self)) ?? .system, String(decoding: message, as: UTF8.self))
    }
}
