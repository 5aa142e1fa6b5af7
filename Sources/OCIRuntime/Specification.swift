// SPDX-License-Identifier: Apache-2.0

package import Cgroups
internal import JSON
package import OCI

/// A decoded config.json, with the system call filter's section as it was written: that is decoded only when its
/// compiled form is not in the cache.
package struct Specification: Sendable {
    package var spec: RuntimeSpec
    /// The bytes of `linux.seccomp`; nil: there is no filter.
    package var seccomp: [UInt8]?

    /// Sections of config.json for other systems than Linux.
    private static let platforms = ["windows", "solaris", "vm", "zos", "freebsd"]

    package init(spec: RuntimeSpec, seccomp: [UInt8]? = nil) {
        self.spec = spec
        self.seccomp = seccomp
    }

    /// Decodes the content of a config.json.
    package init(json: [UInt8]) throws(RuntimeError) {
        let foreign: String?
        let nul: String?
        do throws(JSONError) {
            let (value, section) = try JSON.parse(json, leaving: ["linux", "seccomp"])
            nul = Specification.mayHaveNUL(json) ? Validation.memberWithNUL(value) : nil
            foreign = Specification.platforms.first { value[$0] != nil }
            spec = try RuntimeSpec(json: value)
            let bytes = section.map { Array(json[$0]) }
            seccomp = bytes == Array("null".utf8) ? nil : bytes
        } catch {
            throw RuntimeError(.invalid, "config.json: \(error)")
        }
        if let nul { throw RuntimeError(.invalid, "config.json: \(nul) must not contain a NUL byte") }
        if let foreign { throw ContainerPlan.unsupported(foreign) }
    }

    /// Where the cgroup of a container with this specification is. `systemd`: as systemd has it.
    package func cgroupPlace(id: String, systemd: Bool) throws(RuntimeError) -> CgroupPlace {
        try ContainerPlan.cgroupPlace(spec.linux ?? .init(), id: id, systemd: systemd)
    }

    /// Whether the document has a NUL byte in a string, which only an escape can bring there.
    private static func mayHaveNUL(_ json: [UInt8]) -> Bool {
        var zeros = -1
        for byte in json {
            switch byte {
            case UInt8(ascii: "u"): zeros = 0
            case UInt8(ascii: "0") where zeros >= 0:
                zeros += 1
                if zeros == 4 { return true }
            default: zeros = -1
            }
        }
        return false
    }
}

/// The parts of a specification a container can't do without, looked up once.
struct ContainerPlan {
    let process: RuntimeSpec.Process
    let linux: RuntimeSpec.Linux
    let namespaces: NamespacePlan
    /// The ids of the user namespace that is made.
    let mapping: UserMapping?
    let timeOffsets: [String: String]
    let attributes: TaskAttributes
    let propagation: RootPropagation
    var mountLabel: String? { linux.mountLabel?.isEmpty == false ? linux.mountLabel : nil }

    /// Checks the whole specification: what Wharf does not have is refused by name before anything is touched.
    init(_ spec: RuntimeSpec) throws(RuntimeError) {
        try Validation.check(spec)
        guard let process = spec.process else { throw RuntimeError(.invalid, "config.json: process is missing") }
        guard let linux = spec.linux else { throw RuntimeError(.invalid, "config.json: linux is missing") }
        try ContainerPlan.check(process)
        try ContainerPlan.check(linux)
        self.process = process
        self.linux = linux
        self.namespaces = try NamespacePlan(linux.namespaces ?? [])
        try Validation.check(linux, namespaces)
        self.mapping = try ContainerPlan.mapping(linux, namespaces, process.user ?? .init())
        self.timeOffsets = try ContainerPlan.timeOffsets(linux, namespaces)
        self.attributes = try TaskAttributes(process, linux)
        self.propagation = try RootPropagation(linux.rootfsPropagation)
        if !namespaces.own(.uts), spec.hostname != nil || spec.domainname != nil {
            throw RuntimeError(.invalid, "hostname and domainname need a uts namespace in linux.namespaces")
        }
    }

    /// Refuses what a process asks for and can't have. Also for `exec`.
    static func check(_ process: RuntimeSpec.Process) throws(RuntimeError) {
        try Validation.check(process)
        try SecurityLabels.check(process)
        _ = try EntryAffinity(process.execCPUAffinity)
    }

    private static func check(_ linux: RuntimeSpec.Linux) throws(RuntimeError) {
        if linux.intelRdt != nil { throw unsupported("linux.intelRdt") }
        try SecurityLabels.check(linux)
    }

    /// Where the container's cgroup is: where nothing is said, below the root, as runc has it.
    static func cgroupPlace(
        _ linux: RuntimeSpec.Linux, id: String, systemd: Bool
    ) throws(RuntimeError) -> CgroupPlace {
        if systemd {
            return try cgroupStep { () throws(CgroupError) in
                try SystemdCgroup.probe()
                return .systemd(try SystemdUnit(cgroupsPath: linux.cgroupsPath, id: id))
            }
        }
        guard let path = linux.cgroupsPath, !path.isEmpty else { return .path("/\(id)") }
        return .path(path)
    }

    private static func mapping(
        _ linux: RuntimeSpec.Linux, _ namespaces: NamespacePlan, _ user: RuntimeSpec.User
    ) throws(RuntimeError) -> UserMapping? {
        let mapping = try UserMapping(linux.uidMappings, linux.gidMappings, "linux")
        guard namespaces.own(.user) else {
            guard mapping == nil else {
                throw RuntimeError(
                    .invalid, "linux.uidMappings and gidMappings need a user namespace in linux.namespaces")
            }
            return nil
        }
        // One that is joined has its own.
        if namespaces.joinedUser != nil { return nil }
        guard let mapping else {
            throw RuntimeError(.invalid, "a new user namespace needs linux.uidMappings and gidMappings")
        }
        try mapping.check(user)
        return mapping
    }

    /// The kernel's words for each clock: seconds and nanoseconds.
    private static func timeOffsets(
        _ linux: RuntimeSpec.Linux, _ namespaces: NamespacePlan
    ) throws(RuntimeError) -> [String: String] {
        var result: [String: String] = [:]
        for (clock, offset) in linux.timeOffsets ?? [:] {
            guard clock == "monotonic" || clock == "boottime" else {
                throw RuntimeError(.invalid, "linux.timeOffsets: \"\(clock)\" must be one of boottime, monotonic")
            }
            guard offset.nanosecs ?? 0 < 1_000_000_000 else {
                throw RuntimeError(.invalid, "linux.timeOffsets.\(clock).nanosecs must be less than 1000000000")
            }
            result[clock] = "\(offset.secs ?? 0) \(offset.nanosecs ?? 0)"
        }
        guard result.isEmpty || namespaces.makesTime else {
            throw RuntimeError(.invalid, "linux.timeOffsets needs a new time namespace in linux.namespaces")
        }
        return result
    }

    static func unsupported(_ name: String) -> RuntimeError {
        RuntimeError(.unsupported, "\(name) is not supported")
    }
}
