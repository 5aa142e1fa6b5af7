// SPDX-License-Identifier: Apache-2.0

import JSON
import Linux
import OCI
import Testing

@testable import OCIRuntime

/// A configuration that has every member there is, and each of them made wrong in every way: what the specification's
/// schema does not allow is refused by an error that names the member and says what it must be, and nothing is left
/// of it.
@Suite(.serialized) struct BadInputTests {
    /// Not in Fixtures/full.json: refused by name where the kernel or the hardware is absent, of other platforms, or
    /// in the way of others (a namespace is joined or made).
    private static let absent = [
        "process.apparmorProfile", "process.selinuxLabel", "process.commandLine", "process.user.username",
        "linux.mountLabel", "linux.intelRdt", "linux.namespaces[].path", "linux.personality.flags[]", "solaris",
        "windows", "vm", "zos", "freebsd",
    ]

    private static func plan(_ json: [UInt8]) throws {
        let specification = try Specification(json: json)
        let plan = try ContainerPlan(specification.spec)
        _ = try Credentials(plan.process, available: CapabilitySet.all)
        for mount in specification.spec.mounts ?? [] { _ = try MountOptions(mount.options ?? []) }
        if let section = specification.seccomp { _ = try FilterCache(directory: nil).filter(for: section) }
    }

    private static func full() throws -> JSONValue { try Fixture.json("full.json") }

    @Test func theFullOneIsGoodAndHasEveryMember() throws {
        let full = try Self.full(), schema = try JSONSchema("config-schema.json")
        #expect(schema.problems(full) == [])
        try Self.plan(full.serialized())
        let there = Set(Place.all(in: full).map(\.pattern))
        let missing = schema.members().subtracting(there).filter { member in
            !Self.absent.contains { member == $0 || member.hasPrefix("\($0).") || member.hasPrefix("\($0)[") }
        }
        #expect(missing.sorted() == [])
    }

    /// In this process, some thousands of them.
    @Test func everyMemberMadeWrong() throws {
        let full = try Self.full(), schema = try JSONSchema("config-schema.json")
        var tried = 0, refused = 0
        for place in Place.all(in: full) where !place.text.hasPrefix("process.capabilities.") || place.isList {
            for (what, document) in place.mutations(of: full) {
                tried += 1
                let problems = schema.problems(document)
                do {
                    try Self.plan(document.serialized())
                    #expect(problems == [] || Self.isLetPass(place, what), "\(place.text) \(what) is let pass")
                } catch let error as RuntimeError {
                    refused += 1
                    #expect(place.isNamed(by: error.message), "\(place.text) \(what): \(error.message)")
                    #expect(Self.saysWhatItMustBe(error.message), "\(place.text) \(what): \(error.message)")
                }
            }
        }
        #expect(tried > 1500 && refused > 1000, "\(tried) tried, \(refused) refused")
    }

    /// Engines put the file's type beside the permissions, and write an empty string where there is nothing to say.
    private static func isLetPass(_ place: Place, _ what: String) -> Bool {
        place.text == "linux.devices[0].fileMode" || place.text == "linux.rootfsPropagation" && what == #"as """#
    }

    private static func saysWhatItMustBe(_ message: String) -> Bool {
        [
            "must", "is missing", "not supported", "unknown", "expected", "not in a separate", "need", "twice",
            "no value",
            "only with", "not allowed", "both", "is out of range", "is not in linux.",
        ].contains { message.contains($0) }
    }

    /// The program, once for each member: nothing of a container is left, and the error is on standard error.
    @Test func nothingIsLeftOfWhatIsRefused() throws {
        let bundle = try TestBundle("true")
        let full = try Self.full()
        for place in Place.all(in: full) {
            let document = place.replaced(in: full, by: place.wrongKind)
            try bundle.write(document.serialized())
            let outcome = try bundle.runtime("create -b \(bundle.path) \(bundle.id) </dev/null")
            #expect(outcome.status == 1, "\(place.text): \(outcome.output)")
            #expect(outcome.output.hasPrefix("wharf-runtime: config.json: "), "\(place.text): \(outcome.output)")
            #expect(place.isNamed(by: outcome.output), "\(place.text): \(outcome.output)")
        }
        #expect(try shell("ls \(bundle.path)/state").output == "")
        #expect(try shell("ls -d /sys/fs/cgroup/*/wharf-test/full", mayFail: true).status != 0)
        #expect(try shell("grep \(bundle.path) /proc/self/mountinfo", mayFail: true).output == "")
    }

    /// Bytes changed, put in, left out and cut off, from fixed seeds: an error or none, and never a trap.
    @Test(arguments: 1...8)
    func bytesMadeWrong(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let good = try Self.full().serialized()
        for _ in 0..<400 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) { bytes.mutate(using: &random) }
            do { try Self.plan(bytes) } catch is RuntimeError {}
        }
    }

    /// Whole members exchanged for each other.
    @Test(arguments: 1...8)
    func membersExchanged(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let full = try Self.full(), places = Place.all(in: full)
        for _ in 0..<400 {
            guard let from = places.randomElement(using: &random), let to = places.randomElement(using: &random),
                let value = from.value(in: full)
            else { continue }
            do { try Self.plan(to.replaced(in: full, by: value).serialized()) } catch is RuntimeError {}
        }
    }
}

/// A member or an element of a document.
struct Place {
    private enum Step {
        case key(String)
        case index(Int)
    }

    private let steps: [Step]
    /// `mounts[1].options`.
    let text: String
    /// `mounts[].options`, with `{}` for names that are free.
    let pattern: String
    private let old: JSONValue

    var isList: Bool { old.array != nil }

    static func all(in value: JSONValue) -> [Place] {
        var found: [Place] = []
        collect(value, Place(steps: [], text: "", pattern: "", old: value), &found)
        return found
    }

    private static let maps: Set<String> = [
        "annotations", "linux.sysctl", "linux.netDevices", "linux.resources.unified", "linux.resources.rdma",
    ]

    private static func collect(_ value: JSONValue, _ place: Place, _ found: inout [Place]) {
        if !place.steps.isEmpty { found.append(place) }
        for (index, element) in (value.array ?? []).enumerated() {
            let inner = Place(
                steps: place.steps + [.index(index)], text: "\(place.text)[\(index)]", pattern: "\(place.pattern)[]",
                old: element)
            collect(element, inner, &found)
        }
        for member in value.object?.members ?? [] {
            let dot = place.text.isEmpty ? "" : "."
            let pattern = maps.contains(place.pattern) ? "\(place.pattern){}" : "\(place.pattern)\(dot)\(member.key)"
            let inner = Place(
                steps: place.steps + [.key(member.key)], text: "\(place.text)\(dot)\(member.key)", pattern: pattern,
                old: member.value)
            collect(member.value, inner, &found)
        }
    }

    func value(in document: JSONValue) -> JSONValue? {
        steps.reduce(document as JSONValue?) { value, step in
            switch step {
            case .key(let key): value?[key]
            case .index(let index): value?.array.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            }
        }
    }

    /// nil: without it.
    func replaced(in document: JSONValue, by value: JSONValue?) -> JSONValue {
        Self.replace(steps[...], in: document, by: value) ?? .null
    }

    private static func replace(_ steps: ArraySlice<Step>, in old: JSONValue, by value: JSONValue?) -> JSONValue? {
        guard let step = steps.first else { return value }
        switch step {
        case .key(let key):
            var object = old.object ?? JSONObject()
            object[key] = replace(steps.dropFirst(), in: object[key] ?? .null, by: value)
            return .object(object)
        case .index(let index):
            var array = old.array ?? []
            guard array.indices.contains(index) else { return old }
            if let new = replace(steps.dropFirst(), in: array[index], by: value) {
                array[index] = new
            } else {
                array.remove(at: index)
            }
            return .array(array)
        }
    }

    /// Of a kind that it never is.
    var wrongKind: JSONValue {
        switch old {
        case .object: "object"
        case .array: ["an": "object"]
        case .string: 7
        default: ["number"]
        }
    }

    /// Everything that may be wrong with it, by what it is.
    func mutations(of document: JSONValue) -> [(what: String, document: JSONValue)] {
        let kinds: [JSONValue] = [true, 1, "text", [], [:], [[:]], ["text"], [1], ["a": 1]]
        let numbers: [JSONValue] = [
            -1, .integer(.min), .integer(.max), .unsigned(.max), 4_294_967_296, 65_536, .double(1.5), .double(1e30),
        ]
        let long = String(repeating: "x", count: 5000)
        let texts: [JSONValue] = ["", "NO_SUCH_WORD", "a\0b", "../../x", .string(long), "\n"]
        let more: [JSONValue] =
            switch old {
            case .string: texts
            case .integer, .unsigned, .double: numbers
            default: []
            }
        let variants = (kinds + more).filter { $0 != old }.map { value in
            (
                "as \(String(decoding: value.serialized().prefix(40), as: UTF8.self))",
                replaced(in: document, by: value)
            )
        }
        return variants + [("left out", replaced(in: document, by: nil))]
    }

    /// Whether a message tells of this member, of one in it, or of the ones it is in or beside: what is wrong may be
    /// how they go together.
    func isNamed(by message: String) -> Bool {
        if message.contains(text) { return true }
        // Namespaces are known by their kind, to those that need one.
        if text.hasPrefix("linux.namespaces["), message.contains("namespace") { return true }
        guard let end = text.lastIndex(where: { $0 == "." || $0 == "[" }) else { return false }
        var parent = text[..<end]
        if parent.hasSuffix("]") { parent = parent[..<(parent.lastIndex(of: "[") ?? parent.endIndex)] }
        return parent.contains(".") && message.contains(parent)
    }
}

/// splitmix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

extension [UInt8] {
    /// One change of those that break parsers.
    mutating func mutate(using random: inout some RandomNumberGenerator) {
        guard !isEmpty else { return }
        let index = Int.random(in: indices, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: self[index] = .random(in: 0...255, using: &random)
        case 1: self[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: remove(at: index)
        case 3: insert(Array("{}[]\",:0-9.eE\\u".utf8).randomElement(using: &random) ?? 0, at: index)
        case 4: removeLast(Int.random(in: 0...Swift.min(count - 1, 40), using: &random))
        default:
            let end = Swift.min(count, index + Int.random(in: 1...60, using: &random))
            insert(contentsOf: Array(self[index..<end]), at: Int.random(in: indices, using: &random))
        }
    }
}
