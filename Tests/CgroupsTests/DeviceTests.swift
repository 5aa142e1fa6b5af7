// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

@testable import Cgroups

/// What the device program answers, found by running it on a small interpreter of the instructions it uses.
@Suite struct DeviceProgramTests {
    private static let docker: [RuntimeSpec.DeviceRule] = [
        .init(allow: false, access: "rwm"),
        .init(allow: true, type: "c", access: "m"),
        .init(allow: true, type: "b", access: "m"),
        .init(allow: true, type: "c", major: 1, minor: 3, access: "rwm"),
        .init(allow: true, type: "c", major: 136, access: "rwm"),
        .init(allow: false, type: "c", major: 136, minor: 9, access: "w"),
    ]

    @Test(
        arguments: [
            ("c", 1, 3, "rw", true),  // /dev/null
            ("c", 1, 11, "r", false),  // /dev/kmsg
            ("c", 1, 11, "m", true),  // its node may be made
            ("c", 136, 4, "rw", true),  // a terminal
            ("c", 136, 9, "rw", false),  // the one that was denied later
            ("c", 136, 9, "r", true),
            ("b", 8, 0, "r", false),  // a disk
            ("b", 8, 0, "m", true),
            ("b", 1, 3, "r", false),  // the null device's number, but a disk
        ] as [(String, UInt64, UInt64, String, Bool)])
    func answersAsTheRulesSay(
        _ type: String, _ major: UInt64, _ minor: UInt64, _ access: String, _ allowed: Bool
    ) throws {
        let program = try DeviceProgram(DeviceProgramTests.docker)
        #expect(interpret(program.instructions, type, major, minor, access) == allowed)
    }

    @Test func anythingGoesWhenTheLastRuleSaysSo() throws {
        let program = try DeviceProgram([.init(allow: false, access: "rwm"), .init(allow: true, access: "rwm")])
        #expect(interpret(program.instructions, "b", 8, 0, "rwm"))
    }

    @Test func unknownTypesAndAccessAreRefused() {
        #expect(throws: CgroupError.self) { try DeviceProgram([.init(allow: true, type: "x")]) }
        #expect(throws: CgroupError.self) { try DeviceProgram([.init(allow: true, type: "c", access: "rx")]) }
    }

    private func interpret(
        _ program: [UInt64], _ type: String, _ major: UInt64, _ minor: UInt64, _ access: String
    ) -> Bool {
        let bits = access.reduce(UInt64(0)) { $0 | ($1 == "m" ? 1 : $1 == "r" ? 2 : 4) }
        let context: [UInt64: UInt64] = [0: bits << 16 | (type == "b" ? 1 : 2), 4: major, 8: minor]
        var registers = [UInt64](repeating: 0, count: 11)
        var counter = 0
        while counter < program.count {
            let word = program[counter]
            let destination = Int(word >> 8 & 0xf)
            let source = Int(word >> 12 & 0xf)
            let offset = Int(Int16(truncatingIfNeeded: word >> 16))
            let immediate = word >> 32
            counter += 1
            switch word & 0xff {
            case 0x61: registers[destination] = context[UInt64(offset)] ?? 0
            case 0x54: registers[destination] &= immediate
            case 0x74: registers[destination] >>= immediate
            case 0xbc: registers[destination] = registers[source]
            case 0xb7: registers[destination] = immediate
            case 0x55: if registers[destination] != immediate { counter += offset }
            case 0x15: if registers[destination] == immediate { counter += offset }
            case 0x5d: if registers[destination] != registers[source] { counter += offset }
            case 0x95: return registers[0] == 1
            default:
                Issue.record("unknown instruction \(word & 0xff)")
                return false
            }
        }
        Issue.record("the program runs off its end")
        return false
    }
}

@Suite struct CgroupTests {
    @Test(
        arguments: [("c", 1, 3, "rwm", "c 1:3 rwm"), ("b", -1, -1, "m", "b *:* m")]
            as [(String, Int64, Int64, String, String)])
    func deviceRuleInV1Words(_ type: String, _ major: Int64, _ minor: Int64, _ access: String, _ text: String) throws {
        let rule = RuntimeSpec.DeviceRule(allow: true, type: type, major: major, minor: minor, access: access)
        #expect(try rule.cgroupV1Text() == text)
    }

    @Test(arguments: ["", "/", "/a/../b", "../x", "/a/./b", "/a\nb"])
    func badPathsAreRefused(_ path: String) {
        #expect(throws: CgroupError.self) { try Cgroups.group(at: path) }
    }

    @Test func pathsAreFromTheRoot() throws {
        #expect(try Cgroups.group(at: "wharf//x/").path == "/wharf/x")
    }

    @Test(arguments: [(2, 1), (1024, 39), (262_144, 10_000)] as [(UInt64, UInt64)])
    func sharesBecomeWeights(_ shares: UInt64, _ weight: UInt64) {
        #expect(CgroupV2.weight(shares: shares) == weight)
    }

    @Test func swapOfV2IsSwapAlone() throws {
        #expect(try CgroupV2.swapOnly(memoryAndSwap: 300, memory: 100) == "200")
        #expect(try CgroupV2.swapOnly(memoryAndSwap: -1, memory: 100) == "max")
        #expect(throws: CgroupError.self) { try CgroupV2.swapOnly(memoryAndSwap: 50, memory: 100) }
    }
}
