// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Linux

/// A case's container: a bundle of busybox in a directory of its own, a cgroup name, and the runtime's command line.
final class Box {
    let path: String
    let id: String
    let cgroup: String
    let runtime: String
    var config: JSONValue
    /// Variables for the runtime itself.
    var environment: [String] = []

    init(runtime: String) throws {
        var template = Array("/tmp/conformance-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Trouble("mkdtemp: \(String(cString: strerror(errno)))") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
        id = "case-" + path.suffix(6)
        cgroup = "\(Host.cgroupParent)/\(id)"
        self.runtime = runtime
        config = Box.configuration(cgroup: cgroup)
        try Box.makeRoot(in: path)
    }

    /// Forces the container away if it is still there, and removes the directory.
    func remove() {
        if File.exists("\(path)/state/\(id)") { _ = try? call("delete", ["--force", id]) }
        try? FileDescriptor.open("/tmp", O_RDONLY | O_DIRECTORY).removeTree(String(path.dropFirst("/tmp/".utf8.count)))
    }

    /// A member of the configuration; its parents are made where they are missing, and nil removes it.
    subscript(_ members: String...) -> JSONValue? {
        get { members.reduce(Optional(config)) { $0?[$1] } }
        set { config.set(members[...], newValue) }
    }

    func append(_ value: JSONValue, to members: String...) {
        let old = members.reduce(Optional(config)) { $0?[$1] }?.array ?? []
        config.set(members[...], .array(old + [value]))
    }

    func append(mount destination: String, _ type: String, _ source: String, _ options: [String]) {
        append(
            [
                "destination": .string(destination), "type": .string(type), "source": .string(source),
                "options": .array(options.map { .string($0) }),
            ], to: "mounts")
    }

    /// What the container is to run.
    var script: String {
        get { self["process", "args"]?.array?.last?.string ?? "" }
        set { self["process", "args"] = ["/bin/sh", "-c", .string(newValue)] }
    }

    // MARK: The runtime's commands

    @discardableResult
    func call(_ command: String, _ arguments: [String]) throws -> Outcome {
        try Command.run(
            [runtime, "--root", "\(path)/state", command] + arguments, directory: path, environment: environment)
    }

    func writeConfiguration() throws { try File.write(config.serialized(), to: "\(path)/config.json") }

    /// `create`; standard output and error of the container go to the directory's files of those names, too.
    func tryCreate(id: String? = nil, _ flags: [String] = []) throws -> Outcome {
        try writeConfiguration()
        return try call("create", ["--bundle", path, "--pid-file", "\(path)/pid"] + flags + [id ?? self.id])
    }

    func create(_ flags: [String] = []) throws {
        let outcome = try tryCreate(flags)
        // What the container prints goes where `create` printed.
        for name in ["stdout", "stderr"] { rename("\(path)/\(name)", "\(path)/container-\(name)") }
        try require(outcome.succeeded, "create succeeds", came: outcome.summary)
    }

    func start() throws {
        let outcome = try call("start", [id])
        try require(outcome.succeeded, "start succeeds", came: outcome.summary)
    }

    func createAndStart() throws {
        try create()
        try start()
    }

    func state(of other: String? = nil) throws -> JSONValue? {
        let outcome = try call("state", [other ?? id])
        guard outcome.succeeded else { return nil }
        return try JSON.parse(Array(outcome.output.utf8))
    }

    func status() throws -> String { try state()?["status"]?.string ?? "no such container" }

    func waitUntilStopped() throws {
        let stopped = try eventually { try status() == "stopped" }
        try require(stopped, "status stopped, as the process has ended", came: try status())
    }

    func delete() throws {
        let outcome = try call("delete", [id])
        try require(outcome.succeeded, "delete succeeds", came: outcome.summary)
    }

    var pid: Int32 { File.readIfThere("\(path)/pid").flatMap { Int32($0) } ?? 0 }
    /// What a container that was made by `create` has printed so far.
    var printed: String { File.readIfThere("\(path)/container-stdout") ?? "" }

    func exec(_ script: String, _ flags: [String] = []) throws -> Outcome {
        try call("exec", flags + [id, "/bin/sh", "-c", script])
    }

    func host(_ script: String) throws -> String { try Command.shell(script, directory: path) }

    // MARK: What most cases ask

    /// Runs shell text as the container's program; what it printed.
    @discardableResult
    func inside(_ script: String) throws -> String {
        self.script = script
        let outcome = try runOnce()
        try require(outcome.succeeded, "the container runs", came: outcome.summary)
        return outcome.output.trimmed
    }

    func runOnce() throws -> Outcome {
        try writeConfiguration()
        return try call("run", ["--bundle", path, id])
    }

    func prints(_ script: String, _ expected: String) throws {
        let printed = try inside(script)
        try require(printed == expected, "`\(script)` prints \(expected)", came: printed)
    }

    /// The configuration is taken.
    func accepted() throws { try inside("true") }

    /// `create` ends with an error and leaves nothing.
    func refused(_ why: String) throws {
        let outcome = try tryCreate()
        try require(!outcome.succeeded, "create generates an error: \(why)", came: "it succeeded")
        try require(outcome.status != nil, "create generates an error: \(why)", came: "it did not end")
        let left = try state()
        try require(left == nil, "no container after an error", came: "\(try status())")
    }

    /// The last mount at a place, as the container's mount table has it.
    func mount(at place: String) throws -> MountLine {
        let table = try inside("cat /proc/self/mountinfo")
        guard let line = table.lines.compactMap(MountLine.init).last(where: { $0.place == place }) else {
            throw Mismatch(expected: "a mount at \(place)", came: "none")
        }
        return line
    }
}

extension JSONValue {
    fileprivate mutating func set(_ path: ArraySlice<String>, _ value: JSONValue?) {
        guard let name = path.first else {
            self = value ?? .null
            return
        }
        var object = self.object ?? JSONObject()
        if path.count == 1 {
            object[name] = value
        } else {
            var member = object[name] ?? .object([:])
            member.set(path.dropFirst(), value)
            object[name] = member
        }
        self = .object(object)
    }
}

extension JSONValue: ExpressibleByStringInterpolation {}

/// A line of /proc/PID/mountinfo.
struct MountLine {
    let place: String
    let options: [String]
    let propagation: [String]
    let type: String
    let superOptions: [String]

    init?(_ line: String) {
        let fields = line.split(separator: " ").map(String.init)
        guard fields.count > 9, let dash = fields.firstIndex(of: "-"), fields.count > dash + 3 else { return nil }
        place = fields[4]
        options = fields[5].split(separator: ",").map(String.init)
        propagation = Array(fields[6..<dash])
        type = fields[dash + 1]
        superOptions = fields[dash + 3].split(separator: ",").map(String.init)
    }

    var everything: String { (options + propagation + superOptions).joined(separator: ",") }
    func isPeer(_ kind: String) -> Bool { propagation.contains { $0.hasPrefix(kind) } }
}
