// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Glibc
internal import Linux

/// The sysctls of the host's network namespace. All of it blocks.
enum KernelSettings {
    /// Below /proc/sys/net; names with dots (interfaces') stay as they are.
    static func read(_ name: String) throws(Errno) -> String { try HostPath.readLine("/proc/sys/net/\(name)") }

    /// Writes only where that changes something, as /proc/sys may be read-only and right already.
    static func set(_ name: String, _ value: String) throws(EngineError) {
        do throws(Errno) {
            if try read(name) == value { return }
            try FileDescriptor.open("/proc/sys/net/\(name)", O_WRONLY).writeAll(Array(value.utf8))
        } catch {
            throw EngineError(
                .system, "failed to set the kernel's net/\(name) to \(value): \(error.code)", cause: error)
        }
    }

    /// Names this boot of the kernel.
    static func bootID() -> String {
        (try? HostPath.readLine("/proc/sys/kernel/random/boot_id")) ?? ""
    }

    /// net.ipv4.ip_local_port_range, or its default where it can't be read.
    static func ephemeralPorts() -> ClosedRange<UInt16> {
        let words = ((try? read("ipv4/ip_local_port_range")) ?? "").split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let first = UInt16(words[0]), let last = UInt16(words[1]), first > 0, first <= last
        else { return PortTable.defaultEphemeral }
        return first...last
    }
}
