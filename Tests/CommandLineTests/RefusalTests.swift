// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

@testable import CommandLine

/// Every flag of every command of docker 28 is either done or refused by name: none is ignored.
@Suite struct RefusalTests {
    @Test func eachFlagIsDoneOrRefusedByName() throws {
        var done = 0
        var refused = 0
        for command in CommandTable.all {
            for path in command.names {
                for flag in command.flags() where flag.meaning == nil && flag.name != "help" {
                    let line = path.split(separator: " ").map(String.init) + Self.given(flag) + Self.arguments(command)
                    do {
                        guard case .run(let parsed) = try Invocation.parse(line, program: "wharf") else {
                            Issue.record("\(line) ran nothing")
                            continue
                        }
                        #expect(flag.isSupported && command.status == .implemented, "\(line) was taken")
                        #expect(parsed.flags.isGiven(flag.name), "\(line) lost its flag")
                        done += 1
                    } catch let problem {
                        let isNamed =
                            command.status == .implemented
                            ? problem.text.hasPrefix("flag not supported yet: --\(flag.name)\n")
                            : problem.text.contains("is not supported yet")
                        #expect(isNamed, "\(line): \(problem.text)")
                        #expect(problem.status == (command.status == .implemented ? 125 : 1), "\(line)")
                        refused += 1
                    }
                }
            }
        }
        #expect(done > 100 && refused > 500, "\(done) done, \(refused) refused")
    }

    /// A flag that is said to be done is one that some command looks at.
    @Test func doneFlagsAreRead() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        var sources = ""
        for folder in ["", "/Container", "/General", "/Image", "/Network", "/Output", "/Streams", "/System", "/Volume"]
        {
            let path = "/\(root)/Sources/CLI\(folder)"
            let directory = try #require(opendir(path))
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
                guard name.hasSuffix(".swift"), let file = fopen("\(path)/\(name)", "r") else { continue }
                defer { fclose(file) }
                var buffer = [UInt8](repeating: 0, count: 1 << 18)
                sources += String(decoding: buffer[..<fread(&buffer, 1, buffer.count, file)], as: UTF8.self)
            }
        }
        for command in CommandTable.all where command.status == .implemented {
            for flag in command.flags() where flag.isSupported && flag.meaning == nil && flag.name != "help" {
                #expect(sources.contains("\"\(flag.name)\""), "nothing reads --\(flag.name) of \(command.path)")
            }
        }
    }

    @Test func unknownFlagsAreRefusedByEveryCommand() {
        for command in CommandTable.all where !command.path.isEmpty {
            let line = command.path.split(separator: " ").map(String.init) + ["--no-such-flag"]
            #expect {
                _ = try Invocation.parse(line, program: "wharf")
            } throws: { error in
                let problem = error as? UsageProblem
                return problem?.status == 125 && problem?.text.hasPrefix("unknown flag: --no-such-flag\n") == true
            }
        }
    }

    /// The flag with a value that its kind accepts.
    private static func given(_ flag: Flag) -> [String] {
        let value: String
        switch flag.kind {
        case _ where flag.name.hasPrefix("sysctl"): value = "net.a=1"
        case .bool: return ["--\(flag.name)"]
        case .int, .uint, .uint16, .uint32, .float, .decimal: value = "1"
        case .bytes: value = "64m"
        case .duration: value = "1s"
        case .filter, .map: value = "a=b"
        case .ulimit: value = "nofile=1:2"
        case .mount: value = "type=volume,dst=/x"
        case .network: value = "bridge"
        case .string, .list, .strings, .other:
            switch flag.name {
            case "attach": value = "stdout"
            case "add-host": value = "a:1.2.3.4"
            case "device-cgroup-rule": value = "c 1:3 rwm"
            case "blkio-weight-device", "device-read-bps", "device-read-iops", "device-write-bps", "device-write-iops":
                value = "/dev/x:10"
            case "gpus": value = "all"
            case "dns": value = "1.2.3.4"
            case "credential-spec": value = "file://x"
            case "publish", "publish-add": value = "80:80"
            default: value = "x"
            }
        }
        return ["--\(flag.name)", value]
    }

    private static func arguments(_ command: Command) -> [String] {
        switch command.arity {
        case .any, .none, .atMost: []
        case .exactly(let count), .atLeast(let count), .between(let count, _): Array(repeating: "x", count: count)
        }
    }
}
