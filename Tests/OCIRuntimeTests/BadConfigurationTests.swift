// SPDX-License-Identifier: Apache-2.0

import JSON
import Linux
import OCI
import Testing

@testable import OCIRuntime

/// Malformed configurations: every one is refused before anything is made, by an error that names the field.
@Suite struct BadConfigurationTests {
    private static let good = """
        {"ociVersion":"1.2.0","root":{"path":"rootfs"},"process":{"args":["sh"],"cwd":"/","user":{"uid":0,"gid":0}},
         "linux":{"namespaces":[{"type":"mount"},{"type":"pid"},{"type":"network"},{"type":"ipc"},{"type":"uts"}]}}
        """

    /// Puts `value` at `path` (`process.args`), where what is missing on the way is an object.
    private static func changed(_ path: String, _ value: String) throws -> [UInt8] {
        func put(_ names: ArraySlice<Substring>, _ value: JSONValue, in object: JSONValue) -> JSONValue {
            guard let name = names.first.map(String.init) else { return value }
            let old = object.object ?? JSONObject()
            let inner = put(names.dropFirst(), value, in: old[name] ?? .object(JSONObject()))
            var result = JSONObject()
            for member in old.members where member.key != name { result.append(member.key, member.value) }
            result.append(name, inner)
            return .object(result)
        }
        let document = try JSON.parse(Array(good.utf8))
        let value = try JSON.parse(Array(value.utf8))
        return put(path.split(separator: ".")[...], value, in: document).serialized()
    }

    /// As `create` goes about it.
    private static func plan(_ json: [UInt8]) throws {
        let specification = try Specification(json: json)
        let plan = try ContainerPlan(specification.spec)
        _ = try Credentials(plan.process, available: CapabilitySet.all)
        for mount in specification.spec.mounts ?? [] { _ = try MountOptions(mount.options ?? []) }
        if let section = specification.seccomp { _ = try FilterCache(directory: nil).filter(for: section) }
    }

    @Test func theUnchangedOneIsGood() throws {
        try BadConfigurationTests.plan(Array(BadConfigurationTests.good.utf8))
        // Members nobody knows are no error (config.md#extensibility).
        try BadConfigurationTests.plan(BadConfigurationTests.changed("linux.somethingNew", "[1]"))
    }

    @Test(arguments: [
        // Wrong kinds of values.
        ("ociVersion", "1", "ociVersion", "a string"), ("root", "\"x\"", "root", "an object"),
        ("root.path", "7", "root.path", "a string"), ("root.readonly", "\"yes\"", "root.readonly", "true or false"),
        ("hostname", "[]", "hostname", "a string"), ("mounts", "{}", "mounts", "an array"),
        ("mounts", #"[{"type":"proc"}]"#, "mounts[0].destination", "is missing"),
        ("mounts", #"[{"destination":"/x","options":"ro"}]"#, "mounts[0].options", "an array"),
        ("process.args", "\"sh\"", "process.args", "an array"), ("process.args", "[1]", "process.args[0]", "a string"),
        ("process.env", "{}", "process.env", "an array"), ("process.cwd", "null", "process.cwd", ""),
        ("process.terminal", "1", "process.terminal", "true or false"),
        ("process.user.uid", "-1", "process.user.uid", ""), ("process.user.uid", "\"root\"", "process.user.uid", ""),
        ("process.user.gid", "4294967296", "process.user.gid", ""),
        ("process.user.additionalGids", "[true]", "process.user.additionalGids[0]", ""),
        ("process.rlimits", #"[{"type":"RLIMIT_CPU","soft":1}]"#, "process.rlimits[0].hard", "is missing"),
        ("process.capabilities", "[]", "process.capabilities", "an object"),
        ("process.noNewPrivileges", "0", "process.noNewPrivileges", "true or false"),
        ("process.oomScoreAdj", "\"5\"", "process.oomScoreAdj", ""),
        ("process.consoleSize", #"{"height":1}"#, "process.consoleSize.width", "is missing"),
        ("hooks.prestart", "{}", "hooks.prestart", "an array"),
        ("hooks.poststop", "[{}]", "hooks.poststop[0].path", "is missing"),
        ("annotations", #"{"a":1}"#, "annotations.a", "a string"), ("linux", "[]", "linux", "an object"),
        ("linux.namespaces", #"[{"type":"mnt"}]"#, "linux.namespaces[0].type", "must be one of pid, network"),
        ("linux.namespaces", "[{}]", "linux.namespaces[0].type", "is missing"),
        ("linux.devices", #"[{"path":"/dev/x"}]"#, "linux.devices[0].type", "is missing"),
        ("linux.sysctl", #"{"net.ipv4.ip_forward":1}"#, "linux.sysctl.net.ipv4.ip_forward", "a string"),
        ("linux.maskedPaths", "\"/proc\"", "linux.maskedPaths", "an array"),
        ("linux.resources.memory.limit", "\"1g\"", "linux.resources.memory.limit", ""),
        ("linux.resources.devices", "[{}]", "linux.resources.devices[0].allow", "is missing"),
        ("linux.resources.pids.limit", "1.5", "linux.resources.pids.limit", ""),
        ("linux.resources.cpu.shares", "-1", "linux.resources.cpu.shares", ""),
        ("linux.uidMappings", "[{}]", "linux.uidMappings[0].containerID", "is missing"),
        ("linux.seccomp", "{}", "defaultAction", "is missing"), ("linux.seccomp", "[]", "linux.seccomp", "an object"),
    ])
    func wrongKinds(_ path: String, _ value: String, _ field: String, _ expected: String) throws {
        try refuses(path, value, field, expected)
    }

    @Test(arguments: [
        ("ociVersion", "\"2.0.0\"", "ociVersion", "must be 1.x.y"),
        ("ociVersion", "\"\"", "ociVersion", "must be 1.x.y"),
        ("ociVersion", "\"1.2\"", "ociVersion", "must be 1.x.y"),
        ("root.path", "\"\"", "root.path", "must not be empty"),
        ("hostname", "\"\(String(repeating: "x", count: 65))\"", "hostname", "at most 64 bytes"),
        ("domainname", "\"\(String(repeating: "x", count: 65))\"", "domainname", "at most 64 bytes"),
        ("process.args", "[]", "process.args", "must not be empty"),
        ("process.args", "[\"\"]", "process.args[0]", "must name a program"),
        ("process.args", #"["a\u0000b"]"#, "process.args[0]", "NUL"),
        ("process.env", #"["A=b","C"]"#, "process.env[1]", "NAME=value"),
        ("process.env", #"["=b"]"#, "process.env[0]", "NAME=value"),
        ("process.env", #"["A=\u0000"]"#, "process.env[0]", "NUL"),
        ("process.cwd", "\"tmp\"", "process.cwd", "an absolute path"),
        ("process.cwd", "\"\"", "process.cwd", "an absolute path"),
        ("process.user", #"{"uid":4294967295,"gid":0}"#, "process.user.uid", "less than"),
        ("process.user", #"{"uid":0,"gid":4294967295}"#, "process.user.gid", "less than"),
        ("process.user", #"{"uid":0,"gid":0,"umask":512}"#, "process.user.umask", "0777"),
        ("process.user", #"{"uid":0,"gid":0,"additionalGids":[4294967295]}"#, "process.user.additionalGids[0]", "less"),
        ("process.rlimits", #"[{"type":"NOFILE","soft":1,"hard":1}]"#, "process.rlimits[0].type", "NOFILE"),
        ("process.rlimits", #"[{"type":"RLIMIT_CPU","soft":2,"hard":1}]"#, "process.rlimits[0].soft", "not be more"),
        (
            "process.rlimits",
            #"[{"type":"RLIMIT_CPU","soft":1,"hard":1},{"type":"RLIMIT_CPU","soft":1,"hard":1}]"#,
            "process.rlimits[1].type", "twice"
        ),
        ("process.oomScoreAdj", "1001", "process.oomScoreAdj", "-1000 to 1000"),
        ("process.scheduler", #"{"policy":"FIFO"}"#, "process.scheduler.policy", "must be one of SCHED_BATCH"),
        ("process.scheduler", #"{"policy":"SCHED_FIFO"}"#, "process.scheduler.priority", "from 1 to 99"),
        ("process.scheduler", #"{"policy":"SCHED_OTHER","priority":1}"#, "process.scheduler.priority", "must be 0"),
        ("process.scheduler", #"{"policy":"SCHED_OTHER","nice":20}"#, "process.scheduler.nice", "-20 to 19"),
        ("process.scheduler", #"{"policy":"SCHED_OTHER","flags":["X"]}"#, "process.scheduler.flags", "must be one of"),
        ("process.scheduler", #"{"policy":"SCHED_DEADLINE"}"#, "process.scheduler.runtime", "SCHED_DEADLINE"),
        (
            "process.scheduler", #"{"policy":"SCHED_RR","priority":1,"period":5}"#, "process.scheduler.runtime",
            "only with"
        ),
        ("process.ioPriority", #"{"class":"BE"}"#, "process.ioPriority.class", "must be one of IOPRIO_CLASS_BE"),
        ("process.ioPriority", #"{"class":"IOPRIO_CLASS_BE","priority":8}"#, "process.ioPriority.priority", "0 to 7"),
        ("process.execCPUAffinity.initial", "\"a\"", "process.execCPUAffinity.initial", "like \"0-3,7\""),
        ("process.execCPUAffinity.final", "\"3-1\"", "process.execCPUAffinity.final", "like \"0-3,7\""),
        ("process.selinuxLabel", "\"x:y\"", "process.selinuxLabel", "SELinux"),
    ])
    func badValuesOfTheProcess(_ path: String, _ value: String, _ field: String, _ expected: String) throws {
        try refuses(path, value, field, expected)
    }

    @Test(arguments: [
        ("mounts", #"[{"destination":"/","type":"tmpfs"}]"#, "mounts[0].destination", "below the root"),
        ("mounts", #"[{"destination":"/x/\u0000","type":"tmpfs"}]"#, "mounts[0].destination", "NUL"),
        ("hooks.prestart", #"[{"path":"sh"}]"#, "hooks.prestart[0].path", "an absolute path"),
        ("hooks.createRuntime", #"[{"path":""}]"#, "hooks.createRuntime[0].path", "an absolute path"),
        (
            "hooks.createContainer", #"[{"path":"/x","timeout":0}]"#, "hooks.createContainer[0].timeout",
            "greater than 0"
        ),
        ("hooks.startContainer", #"[{"path":"/x","timeout":-1}]"#, "hooks.startContainer[0].timeout", "greater than 0"),
        ("hooks.poststart", #"[{"path":"/x"},{"path":"x"}]"#, "hooks.poststart[1].path", "an absolute path"),
        ("hooks.poststop", #"[{"path":"x"}]"#, "hooks.poststop[0].path", "an absolute path"),
        ("annotations", #"{"":"x"}"#, "annotations", "empty key"),
        ("linux.namespaces", #"[{"type":"mount"},{"type":"mount"}]"#, "linux.namespaces", "twice"),
        ("linux.namespaces", #"[{"type":"mount"},{"type":"pid","path":"x"}]"#, "linux.namespaces[1].path", "absolute"),
        ("linux.namespaces", #"[{"type":"pid"}]"#, "mount namespace", "not supported"),
        ("linux.namespaces", #"[{"type":"mount"},{"type":"user"}]"#, "linux.uidMappings", "user namespace"),
        (
            "linux.uidMappings", #"[{"containerID":0,"hostID":1,"size":1}]"#, "linux.gidMappings", "must not be empty"
        ),
        ("linux.timeOffsets", #"{"monotonic":{"secs":1}}"#, "linux.timeOffsets", "time namespace"),
        ("linux.timeOffsets", #"{"realtime":{"secs":1}}"#, "linux.timeOffsets", "one of boottime, monotonic"),
        ("linux.timeOffsets", #"{"boottime":{"nanosecs":1000000000}}"#, "linux.timeOffsets.boottime.nanosecs", "less"),
        (
            "linux.devices", #"[{"type":"x","path":"/dev/x","major":1,"minor":1}]"#, "linux.devices",
            "must be one of b, c"
        ),
        ("linux.devices", #"[{"type":"c","path":"dev/x","major":1,"minor":1}]"#, "linux.devices[0].path", "absolute"),
        ("linux.devices", #"[{"type":"c","path":"/dev/../x","major":1,"minor":1}]"#, "linux.devices[0].path", "\"..\""),
        ("linux.devices", #"[{"type":"c","path":"/dev/x"}]"#, "linux.devices", "major and minor"),
        ("linux.devices", #"[{"type":"b","path":"/dev/x","major":-1,"minor":0}]"#, "linux.devices", "major and minor"),
        ("linux.rootfsPropagation", "\"sharedd\"", "linux.rootfsPropagation", "must be one of private, shared"),
        ("linux.maskedPaths", #"["proc/x"]"#, "linux.maskedPaths[0]", "an absolute path"),
        ("linux.readonlyPaths", #"["/a",""]"#, "linux.readonlyPaths[1]", "an absolute path"),
        ("linux.sysctl", #"{"kernel.panic":"1"}"#, "linux.sysctl", "kernel.panic"),
        ("linux.sysctl", #"{"net..x":"1"}"#, "linux.sysctl", "net..x"),
        ("linux.netDevices", #"{"a/b":{}}"#, "linux.netDevices", "an interface's name"),
        ("linux.netDevices", #"{"eth0":{"name":"toolongforaninterface"}}"#, "linux.netDevices.eth0.name", "1 to 15"),
        ("linux.netDevices", #"{"a":{"name":"c"},"b":{"name":"c"}}"#, "linux.netDevices", "both"),
        ("linux.personality", #"{"domain":"BSD"}"#, "linux.personality.domain", "BSD"),
        ("linux.personality", #"{"domain":"LINUX","flags":["X"]}"#, "linux.personality.flags", ""),
        ("linux.memoryPolicy", #"{"mode":"BIND"}"#, "linux.memoryPolicy.mode", "must be one of MPOL_BIND"),
        ("linux.memoryPolicy", #"{"mode":"MPOL_BIND"}"#, "linux.memoryPolicy.nodes", "must name nodes"),
        ("linux.memoryPolicy", #"{"mode":"MPOL_LOCAL","nodes":"0"}"#, "linux.memoryPolicy.nodes", "must be empty"),
        ("linux.memoryPolicy", #"{"mode":"MPOL_BIND","nodes":"x"}"#, "linux.memoryPolicy.nodes", "like \"0-3,7\""),
        (
            "linux.memoryPolicy", #"{"mode":"MPOL_BIND","nodes":"0","flags":["X"]}"#, "linux.memoryPolicy.flags",
            "one of"
        ),
        ("linux.intelRdt", #"{"closID":"x"}"#, "linux.intelRdt", ""),
        ("linux.mountLabel", "\"x\"", "linux.mountLabel", "SELinux"),
    ])
    func badValuesElsewhere(_ path: String, _ value: String, _ field: String, _ expected: String) throws {
        try refuses(path, value, field, expected)
    }

    @Test(arguments: [
        ("linux.resources.devices", #"[{"allow":true,"type":"x"}]"#, "linux.resources.devices[0].type", "a, b or c"),
        (
            "linux.resources.devices", #"[{"allow":true,"access":"rx"}]"#, "linux.resources.devices[0].access",
            "r, w and m"
        ),
        ("linux.resources.devices", #"[{"allow":true,"major":-2}]"#, "linux.resources.devices[0].major", "-1"),
        ("linux.resources.memory", #"{"limit":-2}"#, "linux.resources.memory.limit", "-1"),
        ("linux.resources.memory", #"{"swappiness":101}"#, "linux.resources.memory.swappiness", "0 to 100"),
        ("linux.resources.memory", #"{"limit":10,"swap":5}"#, "linux.resources.memory.swap", "less than limit"),
        ("linux.resources.cpu", #"{"quota":-2}"#, "linux.resources.cpu.quota", "-1"),
        ("linux.resources.cpu", #"{"cpus":"0-"}"#, "linux.resources.cpu.cpus", "like \"0-3,7\""),
        ("linux.resources.cpu", #"{"mems":"none"}"#, "linux.resources.cpu.mems", "like \"0-3,7\""),
        ("linux.resources.cpu", #"{"idle":2}"#, "linux.resources.cpu.idle", "0 or 1"),
        ("linux.resources.pids", #"{"limit":-2}"#, "linux.resources.pids.limit", "-1"),
        ("linux.resources.blockIO", #"{"weight":5}"#, "linux.resources.blockIO.weight", "10 to 1000"),
        (
            "linux.resources.hugepageLimits", #"[{"pageSize":"2M","limit":1}]"#,
            "linux.resources.hugepageLimits[0].pageSize", "KB, MB or GB"
        ),
        ("linux.resources.unified", #"{"../x":"1"}"#, "linux.resources.unified", "a file of cgroup v2"),
        ("linux.seccomp", #"{"defaultAction":"DENY"}"#, "linux.seccomp", "DENY"),
        (
            "linux.seccomp", #"{"defaultAction":"SCMP_ACT_ALLOW","flags":["X"]}"#, "linux.seccomp.flags",
            "must be one of"
        ),
        (
            "linux.seccomp", #"{"defaultAction":"SCMP_ACT_ALLOW","architectures":["VAX"]}"#,
            "linux.seccomp.architectures", "VAX"
        ),
        (
            "linux.seccomp", #"{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":70000}"#, "linux.seccomp", "70000"
        ),
        ("linux.seccomp", #"{"defaultAction":"SCMP_ACT_NOTIFY"}"#, "linux.seccomp.defaultAction", "NOTIFY"),
        (
            "linux.seccomp",
            #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":6,"value":1,"op":"SCMP_CMP_EQ"}]}]}"#,
            "linux.seccomp.syscalls[0].args[0].index", "from 0 to 5"
        ),
        (
            "linux.seccomp",
            #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":1,"op":"EQ"}]}]}"#,
            "linux.seccomp", "\"EQ\""
        ),
        (
            "linux.seccomp", #"{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":1}"#,
            "linux.seccomp.defaultErrnoRet",
            "ALLOW"
        ),
        (
            "linux.seccomp", #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":[],"action":"SCMP_ACT_ERRNO"}]}"#,
            "linux.seccomp.syscalls", "must not be empty"
        ),
        ("windows", "{}", "windows", "not supported"),
    ])
    func badLimitsAndFilters(_ path: String, _ value: String, _ field: String, _ expected: String) throws {
        try refuses(path, value, field, expected)
    }

    private func refuses(_ path: String, _ value: String, _ field: String, _ expected: String) throws {
        let json = try BadConfigurationTests.changed(path, value)
        let error = #expect(throws: RuntimeError.self) { try BadConfigurationTests.plan(json) }
        #expect(error?.message.contains(field) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}

/// Which ids a user namespace may have.
@Suite struct UserMappingTests {
    private func map(_ entries: (UInt32, UInt32, UInt32)...) -> [RuntimeSpec.IDMapping] {
        entries.map { .init(containerID: $0.0, hostID: $0.1, size: $0.2) }
    }

    @Test func hostIDs() {
        let map = map((0, 1000, 1), (1, 100_000, 10))
        #expect(UserMapping.host(0, map) == 1000)
        #expect(UserMapping.host(10, map) == 100_009)
        #expect(UserMapping.host(11, map) == nil)
    }

    @Test func whatTheKernelWouldNotTake() {
        let good = map((0, 1000, 1))
        for bad in [map((0, 1, 0)), map((0, 1, 5), (4, 100, 1)), map((0, 1, 5), (10, 5, 1)), map((0, .max, 1)), []] {
            #expect(throws: RuntimeError.self) { try UserMapping(bad, good, "linux") }
            #expect(throws: RuntimeError.self) { try UserMapping(good, bad, "linux") }
        }
    }

    @Test func everybodyMustBeMapped() throws {
        let mapping = try #require(try UserMapping(map((0, 1000, 10)), map((0, 1000, 10)), "linux"))
        try mapping.check(.init(uid: 9, gid: 9, additionalGids: [1]))
        for (user, field) in [
            (RuntimeSpec.User(uid: 10, gid: 0), "process.user.uid"), (.init(uid: 0, gid: 10), "process.user.gid"),
            (.init(uid: 0, gid: 0, additionalGids: [11]), "process.user.additionalGids"),
        ] {
            let error = #expect(throws: RuntimeError.self) { try mapping.check(user) }
            #expect(error?.message.contains(field) == true)
        }
        let rootless = try #require(try UserMapping(map((1, 1000, 10)), map((0, 1000, 10)), "linux"))
        #expect(throws: RuntimeError.self) { try rootless.check(.init(uid: 1, gid: 1)) }
    }
}
