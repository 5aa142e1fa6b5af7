// SPDX-License-Identifier: Apache-2.0

internal import Linux
package import OCI

/// The device rules as a BPF_PROG_TYPE_CGROUP_DEVICE program: what cgroup v2 has in place of the devices controller.
///
/// The kernel calls it with `struct bpf_cgroup_dev_ctx { u32 access_type; u32 major; u32 minor; }`, where the low half
/// of access_type is the kind of device (1 block, 2 char) and the high half what is asked (1 mknod, 2 read, 4 write).
/// It answers 1 to allow. Rules are tried last first: the first that speaks of the device decides.
package struct DeviceProgram: Equatable {
    /// Eight bytes each: `struct bpf_insn`.
    package private(set) var instructions: [UInt64] = []

    package init(_ rules: [RuntimeSpec.DeviceRule]) throws(CgroupError) {
        // r2 = kind, r3 = access, r4 = major, r5 = minor
        emit(0x61, to: 2, from: 1, immediate: 0)  // r2 = *(u32 *)(r1 + 0)
        emit(0x54, to: 2, immediate: 0xffff)  // w2 &= 0xffff
        emit(0x61, to: 3, from: 1, immediate: 0)
        emit(0x74, to: 3, immediate: 16)  // w3 >>= 16
        emit(0x61, to: 4, from: 1, offset: 4, immediate: 0)
        emit(0x61, to: 5, from: 1, offset: 8, immediate: 0)
        for rule in rules.reversed() {
            if try append(rule) { return }
        }
        answer(false)
    }

    /// True when the rule speaks of every device and all access: what came before it does not matter.
    private mutating func append(_ rule: RuntimeSpec.DeviceRule) throws(CgroupError) -> Bool {
        let access = try DeviceProgram.access(rule.access ?? "rwm")
        var tests: [(inout DeviceProgram, Int16) -> Void] = []
        switch rule.type ?? "a" {
        case "a": break
        case "b": tests.append { $0.emit(0x55, to: 2, offset: $1, immediate: 1) }  // if r2 != 1 skip
        case "c": tests.append { $0.emit(0x55, to: 2, offset: $1, immediate: 2) }
        default: throw CgroupError("invalid device type \"\(rule.type ?? "")\"")
        }
        if rule.type ?? "a" != "a" {
            if let major = rule.major, major >= 0 {
                tests.append { $0.emit(0x55, to: 4, offset: $1, immediate: Int32(truncatingIfNeeded: major)) }
            }
            if let minor = rule.minor, minor >= 0 {
                tests.append { $0.emit(0x55, to: 5, offset: $1, immediate: Int32(truncatingIfNeeded: minor)) }
            }
        }
        // An allow rule must cover all that is asked; a deny rule holds when it names any of it.
        let partial = access != 7
        let length = tests.count + (partial ? 3 : 0) + 2
        var left = length
        for test in tests {
            left -= 1
            test(&self, Int16(left))
        }
        if partial {
            emit(0xbc, to: 1, from: 3, immediate: 0)  // w1 = w3
            emit(0x54, to: 1, immediate: access)  // w1 &= access
            left -= 3
            if rule.allow {
                emit(0x5d, to: 1, from: 3, offset: Int16(left), immediate: 0)  // if r1 != r3 skip
            } else {
                emit(0x15, to: 1, offset: Int16(left), immediate: 0)  // if r1 == 0 skip
            }
        }
        answer(rule.allow)
        return tests.isEmpty && !partial
    }

    private static func access(_ text: String) throws(CgroupError) -> Int32 {
        var result: Int32 = 0
        for letter in text {
            switch letter {
            case "m": result |= 1
            case "r": result |= 2
            case "w": result |= 4
            default: throw CgroupError("invalid device access \"\(text)\"")
            }
        }
        return result
    }

    private mutating func answer(_ allow: Bool) {
        emit(0xb7, to: 0, immediate: allow ? 1 : 0)  // r0 = …
        emit(0x95, immediate: 0)  // exit
    }

    private mutating func emit(
        _ code: UInt8, to destination: UInt8 = 0, from source: UInt8 = 0, offset: Int16 = 0, immediate: Int32
    ) {
        instructions.append(
            UInt64(code) | UInt64(destination | source << 4) << 8 | UInt64(UInt16(bitPattern: offset)) << 16
                | UInt64(UInt32(bitPattern: immediate)) << 32)
    }

    /// Loads the program and attaches it; those of ancestors go on to hold too.
    func attach(toGroup directory: String) throws(CgroupError) {
        try cgroupStep { () throws(Errno) in
            let group = try FileDescriptor.open(directory, HostFile.readOnly)
            let program = try FileDescriptor.loadCgroupDeviceProgram(instructions)
            try program.attachCgroupDeviceProgram(to: group)
        }
    }
}
