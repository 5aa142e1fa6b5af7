// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import OCI
import Testing

@testable import OCIRuntime

/// Every member of the specification's types is either done or refused by its name: a new one fails here until somebody
/// has decided.
@Suite struct MemberTests {
    /// A type, a value of it with nothing left out that it needs, and what becomes of its members. A `-` before a
    /// member: it is refused. A type that is refused as a whole has none.
    private struct Row {
        let name: String
        let value: any Sendable
        let members: Set<String>
        let refused: Set<String>

        init<T: Decodable & Sendable>(_ type: T.Type, _ json: String = "{}", _ members: String) throws {
            name = "\(type)"
            value = try JSON.decode(type, from: Array(json.utf8))
            let all = members.split(separator: " ").map(String.init)
            self.members = Set(all.filter { !$0.hasPrefix("-") })
            refused = Set(all.filter { $0.hasPrefix("-") }.map { String($0.dropFirst()) })
        }
    }

    private static func rows() throws -> [Row] {
        typealias S = RuntimeSpec
        return [
            try Row(
                S.self, #"{"ociVersion":"1.2.0"}"#,
                "ociVersion root hostname domainname process mounts hooks annotations linux"),
            try Row(S.Root.self, #"{"path":"x"}"#, "path readonly"),
            try Row(
                S.Mount.self, #"{"destination":"/x"}"#, "destination type source options uidMappings gidMappings"),
            try Row(
                S.Hooks.self, "{}", "prestart createRuntime createContainer startContainer poststart poststop"),
            try Row(S.Hook.self, #"{"path":"x"}"#, "path args env timeout"),
            try Row(
                S.Linux.self, "{}",
                """
                namespaces uidMappings gidMappings timeOffsets devices netDevices cgroupsPath resources \
                rootfsPropagation seccomp sysctl maskedPaths readonlyPaths mountLabel -intelRdt memoryPolicy \
                personality
                """),
            try Row(S.IDMapping.self, #"{"containerID":0,"hostID":0,"size":1}"#, "containerID hostID size"),
            try Row(S.TimeOffset.self, "{}", "secs nanosecs"),
            try Row(S.Namespace.self, #"{"type":"pid"}"#, "type path"),
            try Row(S.Device.self, #"{"type":"c","path":"x"}"#, "type path major minor fileMode uid gid"),
            try Row(S.Personality.self, #"{"domain":"LINUX"}"#, "domain -flags"),
            try Row(
                S.Seccomp.self, #"{"defaultAction":"x"}"#,
                "defaultAction defaultErrnoRet architectures flags listenerPath listenerMetadata syscalls"),
            try Row(S.SyscallRule.self, #"{"names":[],"action":"x"}"#, "names action errnoRet args"),
            try Row(S.SyscallArgument.self, #"{"index":0,"value":0,"op":"x"}"#, "index value valueTwo op"),
            try Row(
                S.Process.self, #"{"cwd":"/"}"#,
                """
                terminal consoleSize user args env cwd capabilities rlimits noNewPrivileges apparmorProfile oomScoreAdj \
                scheduler selinuxLabel ioPriority execCPUAffinity
                """),
            try Row(S.ConsoleSize.self, #"{"height":1,"width":1}"#, "height width"),
            try Row(S.User.self, #"{"uid":0,"gid":0}"#, "uid gid umask additionalGids"),
            try Row(S.Capabilities.self, "{}", "bounding effective inheritable permitted ambient"),
            try Row(S.ResourceLimit.self, #"{"type":"x","hard":0,"soft":0}"#, "type hard soft"),
            try Row(S.IOPriority.self, #"{"class":"x"}"#, "class priority"),
            try Row(
                S.Scheduler.self, #"{"policy":"x"}"#, "policy nice priority flags runtime deadline period"),
            try Row(S.NetDevice.self, "{}", "name"),
            try Row(S.CPUAffinity.self, "{}", "initial final"),
            try Row(S.MemoryPolicy.self, "{}", "mode nodes flags"),
            try Row(
                S.Resources.self, "{}",
                "devices memory cpu pids blockIO hugepageLimits network -rdma unified"),
            try Row(S.DeviceRule.self, #"{"allow":true}"#, "allow type major minor access"),
            try Row(
                S.Memory.self, "{}",
                """
                limit reservation swap -kernel kernelTCP swappiness disableOOMKiller -useHierarchy checkBeforeUpdate
                """),
            try Row(
                S.CPU.self, "{}", "shares quota burst period realtimeRuntime realtimePeriod cpus mems idle"),
            try Row(S.Pids.self, "{}", "limit"),
            try Row(
                S.BlockIO.self, "{}",
                """
                weight -leafWeight weightDevice throttleReadBpsDevice throttleWriteBpsDevice throttleReadIOPSDevice \
                throttleWriteIOPSDevice
                """),
            try Row(S.WeightDevice.self, #"{"major":1,"minor":1}"#, "major minor weight -leafWeight"),
            try Row(S.ThrottleDevice.self, #"{"major":1,"minor":1,"rate":1}"#, "major minor rate"),
            try Row(S.HugepageLimit.self, #"{"pageSize":"2MB","limit":1}"#, "pageSize limit"),
            try Row(S.Network.self, "{}", "classID priorities"),
            try Row(S.InterfacePriority.self, #"{"name":"x","priority":1}"#, "name priority"),
        ]
    }

    /// Types of members that are refused whatever is in them.
    private static let refusedTypes: Set<String> = [
        "IntelRdt", "RDMA",
    ]

    @Test func everyMemberHasItsFate() throws {
        for row in try MemberTests.rows() {
            let found = Set(Mirror(reflecting: row.value).children.compactMap(\.label))
            #expect(found == row.members.union(row.refused), "\(row.name)")
        }
    }

    @Test func everyTypeIsListed() throws {
        let listed = Set(try MemberTests.rows().map(\.name)).union(MemberTests.refusedTypes)
        let declared = try MemberTests.sources(["OCI/Runtime"]).split(separator: "\n").compactMap { line -> String? in
            let words = line.split(separator: " ")
            guard words.starts(with: ["public", "struct"]), words.count > 2 else { return nil }
            return String(words[2].prefix { $0.isLetter })
        }
        // What `state` prints is no part of config.json.
        #expect(Set(declared).subtracting(["RuntimeState"]) == listed)
    }

    /// What is said to be done is at least looked at by somebody; what is refused has an error with its name.
    @Test func whatIsDoneIsRead() throws {
        let code = try MemberTests.sources(["OCIRuntime", "Cgroups", "Supervisor", "wharf-runtime"])
        for row in try MemberTests.rows() {
            for member in row.members where member != "checkBeforeUpdate" {
                #expect(code.contains(".\(member)"), "\(row.name).\(member)")
            }
            for member in row.refused where row.name != "Mount" {
                #expect(
                    code.contains(".\(member)\"") || code.contains(".\(member) "), "\(row.name).\(member)")
            }
        }
    }

    @Test(arguments: [
        (
            #""linux":{"namespaces":[{"type":"mount"}],"personality":{"domain":"LINUX","flags":["x"]}}"#,
            "personality.flags"
        ),
        (#""linux":{"namespaces":[{"type":"mount"}],"personality":{"domain":"BSD"}}"#, "BSD"),
        (#""linux":{"namespaces":[{"type":"mount"}]},"windows":{}"#, "windows"),
        (#""linux":{"namespaces":[{"type":"mount"}]},"vm":{}"#, "vm"),
    ])
    func refusesByName(_ members: String, _ name: String) {
        let json = #"{"ociVersion":"1.2.0","process":{"args":["sh"],"cwd":"/"},"# + members + "}"
        let error = #expect(throws: RuntimeError.self) {
            try ContainerPlan(Specification(json: Array(json.utf8)).spec)
        }
        #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
        #expect(error?.code == .unsupported)
    }

    /// The text of the modules' sources, without comments.
    private static func sources(_ folders: [String]) throws -> String {
        var text = ""
        for folder in folders {
            let path = "Sources/" + folder
            let directory = try #require(opendir(path), "\(path), from the package's folder")
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name.hasSuffix(".swift"), let file = fopen("\(path)/\(name)", "r") else { continue }
                defer { fclose(file) }
                var buffer = [UInt8](repeating: 0, count: 1 << 18)
                let count = fread(&buffer, 1, buffer.count, file)
                for line in String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n")
                where !line.drop(while: \.isWhitespace).hasPrefix("//") {
                    text += line.drop(while: \.isWhitespace) + "\n"
                }
            }
        }
        return text
    }
}
