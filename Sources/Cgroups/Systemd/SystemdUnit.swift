// SPDX-License-Identifier: Apache-2.0

/// The scope that is a container's cgroup, as systemd calls it, and the slice that it is in.
package struct SystemdUnit: Equatable, Sendable {
    /// `wharf-0123….scope`
    package let name: String
    /// `system.slice`
    package let slice: String
    /// Below the hierarchy's root: `/system.slice/wharf-0123….scope`.
    package let path: String

    /// From `linux.cgroupsPath`, which is `SLICE:PREFIX:NAME` to this driver, as runc has it: without a slice
    /// system.slice, without a prefix NAME alone.
    package init(cgroupsPath: String?, id: String) throws(CgroupError) {
        let parts =
            cgroupsPath.flatMap { $0.isEmpty ? nil : $0 }?.split(separator: ":", omittingEmptySubsequences: false)
            .map(String.init) ?? ["", "wharf", id]
        guard parts.count == 3, !parts[2].isEmpty else {
            throw CgroupError(
                "linux.cgroupsPath: \"\(cgroupsPath ?? "")\" must be slice:prefix:name with --systemd-cgroup")
        }
        guard !parts[2].hasSuffix(".slice") else {
            throw CgroupError("linux.cgroupsPath: a slice (\(parts[2])) takes no processes: its name must be a scope's")
        }
        slice = parts[0].isEmpty ? "system.slice" : parts[0]
        name = (parts[1].isEmpty ? parts[2] : "\(parts[1])-\(parts[2])") + ".scope"
        for text in [slice, name] {
            guard text.utf8.allSatisfy(SystemdUnit.isAllowed), text.utf8.count <= 255 else {
                throw CgroupError(
                    "linux.cgroupsPath: \"\(text)\" is not a unit's name: it may have A-Za-z0-9:_.@\\- only")
            }
        }
        path = try SystemdUnit.path(ofSlice: slice) + "/" + name
    }

    /// A scope that is there already, by the path it was made with.
    package init(path: String) {
        let names = path.split(separator: "/").map(String.init)
        name = names.last ?? ""
        slice = names.dropLast().last ?? "-.slice"
        self.path = path
    }

    /// systemd.unit(5).
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: ":_.@\\-".utf8.contains(byte)
        }
    }

    /// systemd.slice(5): dashes say what is below what, so that `a-b.slice` is /a.slice/a-b.slice.
    static func path(ofSlice slice: String) throws(CgroupError) -> String {
        guard slice != "-.slice" else { return "" }
        let names = slice.dropLast(".slice".utf8.count).split(separator: "-", omittingEmptySubsequences: false)
        guard slice.hasSuffix(".slice"), names.allSatisfy({ !$0.isEmpty }) else {
            throw CgroupError("linux.cgroupsPath: \"\(slice)\" is not a slice's name")
        }
        var path = ""
        for end in names.indices { path += "/" + names[...end].joined(separator: "-") + ".slice" }
        return path
    }
}
