// SPDX-License-Identifier: Apache-2.0

import JSON
import OCI
import Testing

/// `RuntimeReading.swift` reads what `Codable` would: member by member, so one could be forgotten.
@Suite struct RuntimeReadingTests {
    /// Every member of every type there is, each with a value.
    private static let everything = #"""
        {"ociVersion":"1.2.0","root":{"path":"r","readonly":true},"hostname":"h","domainname":"d",
        "process":{"terminal":true,"consoleSize":{"height":1,"width":2},
         "user":{"uid":3,"gid":4,"umask":5,"additionalGids":[6]},"args":["a"],"env":["E=f"],"cwd":"/",
         "capabilities":{"bounding":["B"],"effective":["E"],"inheritable":["I"],"permitted":["P"],"ambient":["A"]},
         "rlimits":[{"type":"T","hard":18446744073709551615,"soft":7}],"noNewPrivileges":true,"apparmorProfile":"p",
         "oomScoreAdj":-8,"scheduler":{"policy":"S","nice":-9,"priority":10,"flags":["F"],"runtime":11,"deadline":12,
         "period":13},"selinuxLabel":"l","ioPriority":{"class":"c","priority":14},
         "execCPUAffinity":{"initial":"0","final":"1"}},
        "mounts":[{"destination":"/d","type":"t","source":"s","options":["o"],
         "uidMappings":[{"containerID":15,"hostID":16,"size":17}],"gidMappings":[{"containerID":18,"hostID":19,"size":20}]}],
        "hooks":{"prestart":[{"path":"/1","args":["a"],"env":["e"],"timeout":21}],"createRuntime":[{"path":"/2"}],
         "createContainer":[{"path":"/3"}],"startContainer":[{"path":"/4"}],"poststart":[{"path":"/5"}],
         "poststop":[{"path":"/6"}]},"annotations":{"k":"v"},
        "linux":{"namespaces":[{"type":"pid","path":"/n"}],"uidMappings":[{"containerID":22,"hostID":23,"size":24}],
         "gidMappings":[{"containerID":25,"hostID":26,"size":27}],"timeOffsets":{"boottime":{"secs":-28,"nanosecs":29}},
         "devices":[{"type":"c","path":"/dev/x","major":30,"minor":31,"fileMode":32,"uid":33,"gid":34}],
         "netDevices":{"eth0":{"name":"eth1"}},"cgroupsPath":"/c","rootfsPropagation":"shared","sysctl":{"net.x":"1"},
         "maskedPaths":["/m"],"readonlyPaths":["/r"],"mountLabel":"ml","personality":{"domain":"LINUX","flags":["f"]},
         "intelRdt":{"closID":"c","schemata":["s"],"l3CacheSchema":"l","memBwSchema":"m","enableMonitoring":true},
         "memoryPolicy":{"mode":"MPOL_BIND","nodes":"0","flags":["f"]},
         "seccomp":{"defaultAction":"A","defaultErrnoRet":35,"architectures":["X"],"flags":["F"],"listenerPath":"/l",
          "listenerMetadata":"m","syscalls":[{"names":["n"],"action":"a","errnoRet":36,
          "args":[{"index":0,"value":37,"valueTwo":38,"op":"SCMP_CMP_EQ"}]}]},
         "resources":{"devices":[{"allow":true,"type":"c","major":39,"minor":40,"access":"rwm"}],
          "memory":{"limit":41,"reservation":42,"swap":43,"kernel":44,"kernelTCP":45,"swappiness":46,
           "disableOOMKiller":true,"useHierarchy":true,"checkBeforeUpdate":true},
          "cpu":{"shares":47,"quota":48,"burst":49,"period":50,"realtimeRuntime":51,"realtimePeriod":52,"cpus":"0",
           "mems":"0","idle":1},"pids":{"limit":53},
          "blockIO":{"weight":54,"leafWeight":55,
           "weightDevice":[{"major":56,"minor":57,"weight":58,"leafWeight":59}],
           "throttleReadBpsDevice":[{"major":60,"minor":61,"rate":62}],
           "throttleWriteBpsDevice":[{"major":63,"minor":64,"rate":65}],
           "throttleReadIOPSDevice":[{"major":66,"minor":67,"rate":68}],
           "throttleWriteIOPSDevice":[{"major":69,"minor":70,"rate":71}]},
          "hugepageLimits":[{"pageSize":"2MB","limit":72}],
          "network":{"classID":73,"priorities":[{"name":"eth0","priority":74}]},
          "rdma":{"mlx":{"hcaHandles":75,"hcaObjects":76}},"unified":{"memory.high":"77"}}}}
        """#

    @Test func readsWhatCodableReads() throws {
        let bytes = Array(RuntimeReadingTests.everything.utf8)
        let read = try JSON.read(RuntimeSpec.self, from: bytes)
        #expect(try read == JSON.decode(RuntimeSpec.self, from: bytes))
        #expect(try JSON.value(read) == JSON.parse(bytes), "and it has all that was written")
    }

    /// So a member that is added has to be added above, and is then compared.
    @Test func theDocumentHasEveryMember() throws {
        let value = try JSON.decode(RuntimeSpec.self, from: Array(RuntimeReadingTests.everything.utf8))
        #expect(RuntimeReadingTests.missing(value, "spec") == [])
    }

    /// The members that are nil in `value` and in what it has in it. (Of a list of hooks the first stands for all.)
    private static func missing(_ value: Any, _ path: String) -> [String] {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            guard let content = mirror.children.first else { return [path] }
            return missing(content.value, path)
        case .collection:
            return mirror.children.first.map { missing($0.value, path) } ?? [path]
        case .dictionary, .enum: return []
        default:
            return mirror.children.flatMap { child -> [String] in
                let name = child.label ?? ""
                let onlyPath = path.hasPrefix("spec.hooks.") && path != "spec.hooks.prestart"
                return onlyPath ? [] : missing(child.value, "\(path).\(name)")
            }
        }
    }
}
