// SPDX-License-Identifier: Apache-2.0

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
        do throws(JSONError) {
            let (value, section) = try JSON.parse(json, leaving: ["linux", "seccomp"])
            foreign = Specification.platforms.first { value[$0] != nil }
            spec = try JSON.decode(RuntimeSpec.self, from: value)
            let bytes = section.map { Array(json[$0]) }
            seccomp = bytes == Array("null".utf8) ? nil : bytes
        } catch {
            throw RuntimeError(.invalid, "config.json: \(error)")
        }
        if let foreign { throw ContainerPlan.unsupported(foreign) }
    }
}

/// The parts of a specification a container can't do without, looked up once.
struct ContainerPlan {
    let process: RuntimeSpec.Process
    let linux: RuntimeSpec.Linux
    let namespaces: NamespacePlan
    /// For personality(2); nil leaves the runtime's own.
    let personality: UInt?

    /// Checks the whole specification: what Wharf does not have is refused by name before anything is touched.
    init(_ spec: RuntimeSpec) throws(RuntimeError) {
        guard spec.ociVersion.hasPrefix("1.") else {
            throw RuntimeError(.unsupported, "ociVersion \"\(spec.ociVersion)\" is not supported")
        }
        guard let process = spec.process else { throw RuntimeError(.invalid, "config.json has no process") }
        guard let linux = spec.linux else { throw RuntimeError(.invalid, "config.json has no linux section") }
        try ContainerPlan.check(process)
        try ContainerPlan.check(linux)
        if spec.hooks?.prestart?.isEmpty == false {
            throw RuntimeError(.unsupported, "hooks.prestart is not supported; use createRuntime")
        }
        self.process = process
        self.linux = linux
        self.namespaces = try NamespacePlan(linux.namespaces ?? [])
        self.personality = try ContainerPlan.personality(linux)
        if !namespaces.own(.uts), spec.hostname != nil || spec.domainname != nil {
            throw RuntimeError(.invalid, "hostname and domainname need a uts namespace")
        }
    }

    /// Refuses what a process asks for and can't have. Also for `exec`.
    static func check(_ process: RuntimeSpec.Process) throws(RuntimeError) {
        guard let program = process.args?.first else { throw RuntimeError(.invalid, "process.args must not be empty") }
        guard process.cwd.hasPrefix("/") else { throw RuntimeError(.invalid, "process.cwd must be an absolute path") }
        let strings = [program] + (process.args ?? []) + (process.env ?? [])
        guard !strings.contains(where: { $0.utf8.contains(0) }) else {
            throw RuntimeError(.invalid, "process.args and process.env must not contain a NUL byte")
        }
        if let label = process.selinuxLabel, !label.isEmpty { throw unsupported("process.selinuxLabel") }
        if process.scheduler != nil { throw unsupported("process.scheduler") }
        if process.execCPUAffinity != nil { throw unsupported("process.execCPUAffinity") }
    }

    private static func check(_ linux: RuntimeSpec.Linux) throws(RuntimeError) {
        if linux.uidMappings?.isEmpty == false { throw unsupported("linux.uidMappings") }
        if linux.gidMappings?.isEmpty == false { throw unsupported("linux.gidMappings") }
        if linux.timeOffsets?.isEmpty == false { throw unsupported("linux.timeOffsets") }
        if linux.netDevices?.isEmpty == false { throw unsupported("linux.netDevices") }
        if linux.intelRdt != nil { throw unsupported("linux.intelRdt") }
        if linux.memoryPolicy != nil { throw unsupported("linux.memoryPolicy") }
        if let label = linux.mountLabel, !label.isEmpty { throw unsupported("linux.mountLabel") }
    }

    /// Where the container's cgroup is: where nothing is said, below the root, as runc has it.
    static func cgroupPath(_ linux: RuntimeSpec.Linux, id: String) -> String {
        guard let path = linux.cgroupsPath, !path.isEmpty else { return "/\(id)" }
        return path
    }

    /// The execution domain of `linux.personality`. Also for `exec`.
    static func personality(_ linux: RuntimeSpec.Linux?) throws(RuntimeError) -> UInt? {
        guard let personality = linux?.personality else { return nil }
        if personality.flags?.isEmpty == false { throw unsupported("linux.personality.flags") }
        switch personality.domain {
        case "LINUX": return 0
        case "LINUX32": return 8
        default: throw unsupported("linux.personality.domain \"\(personality.domain)\"")
        }
    }

    static func unsupported(_ name: String) -> RuntimeError {
        RuntimeError(.unsupported, "\(name) is not supported")
    }
}
