// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import JSON
internal import Linux
internal import OCI
internal import OCIRuntime

/// What one call of the program leaves for the next: `<root>/<id>/` with `state.json`, a copy of the container's
/// config.json, and `exec.fifo` until it is started.
struct StateStore {
    let root: String

    /// An ordinary user has a run directory of his own.
    static var defaultRoot: String {
        guard geteuid() != 0, let own = getenv("XDG_RUNTIME_DIR") else { return "/run/wharf-runtime" }
        return "\(String(cString: own))/wharf-runtime"
    }

    /// The named pipe by which a container that has been started tells of hooks that fail (`startAnswer`).
    static let answerName = "answer.fifo"

    struct Record {
        var ociVersion: String
        var id: String
        var pid: Int32
        /// In clock ticks since the machine started: tells a recycled pid from the container's.
        var startTime: UInt64
        var bundle: String
        var cgroup: String?
        /// Whether systemd keeps the cgroup.
        var isSystemd: Bool?
        /// Absolute.
        var rootfs: String?
        /// RFC 3339.
        var created: String?
        var owner: UInt32?
        /// Whether `start` and `delete` have any hooks to run; nil: not known.
        var hasLateHooks: Bool?

        var place: CgroupPlace? {
            cgroup.map { isSystemd == true ? .systemd(SystemdUnit(path: $0)) : .path($0) }
        }
    }

    /// IDs are single path components (rule R10).
    func directory(_ id: String) throws(RuntimeError) -> String {
        let allowed = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard allowed, !id.isEmpty, id != ".", id != "..", id != ".seccomp", id.utf8.count <= 255 else {
            throw RuntimeError(.invalid, "invalid container id format: \"\(id)\"")
        }
        return "\(root)/\(id)"
    }

    func makeRoot() {
        // Only the last directory is ours to choose the mode of.
        var parent = ""
        for name in root.split(separator: "/") {
            parent += "/" + name
            _ = mkdir(parent, 0o711)
        }
    }

    func save(_ container: Container, config: [UInt8]) throws(RuntimeError) {
        let path = try directory(container.id)
        let root = container.specification.spec.root?.path ?? ""
        let record = Record(
            ociVersion: container.specification.spec.ociVersion, id: container.id, pid: container.process.pid,
            startTime: Process(container.process.pid)?.startTime ?? 0, bundle: container.bundle,
            cgroup: container.cgroup?.path, isSystemd: container.cgroup?.place.isSystemd,
            rootfs: root.hasPrefix("/") ? root : "\(container.bundle)/\(root)",
            created: Timestamp.now.rfc3339, owner: geteuid(),
            hasLateHooks: container.specification.spec.hooks.map { $0.poststart != nil || $0.poststop != nil } ?? false)
        do {
            try write(config, to: "\(path)/config.json")
            try write(record.json.serialized(), to: "\(path)/state.json")
        } catch {
            throw RuntimeError(.system, "saving the container's state: \(error)")
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws(Linux.Errno) {
        try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600).writeAll(bytes)
    }

    func load(_ id: String) throws(RuntimeError) -> Record {
        let path = try directory(id)
        do throws(Linux.Errno) {
            let bytes = try FileDescriptor.open("\(path)/state.json", O_RDONLY).readAll(limit: 1 << 20)
            do throws(JSONError) { return try JSON.read(Record.self, from: bytes) } catch {
                throw Linux.Errno(.io, "state.json", error.description)
            }
        } catch {
            if error.code == .noEntry { throw RuntimeError(.notFound, "container \"\(id)\" does not exist") }
            throw RuntimeError(.system, "container \(id): \(error)")
        }
    }

    /// Every container there is, by name. What can't be read is left out.
    func list() throws(RuntimeError) -> [Record] {
        let names = (try? HostPath.names(in: root)) ?? []
        var records: [Record] = []
        for name in names.sorted() where !name.hasPrefix(".") && !name.contains(":") {
            if let record = try? load(name) { records.append(record) }
        }
        return records
    }

    func specification(_ id: String) throws(RuntimeError) -> Specification {
        try Specification(json: try StateStore.read("\(directory(id))/config.json"))
    }

    /// For `start` and `delete`, which need it for its hooks only: without any it is not read.
    func specificationOfHooks(_ record: Record) throws(RuntimeError) -> Specification {
        guard record.hasLateHooks == false else { return try specification(record.id) }
        return Specification(spec: RuntimeSpec(ociVersion: record.ociVersion))
    }

    static func read(_ path: String) throws(RuntimeError) -> [UInt8] {
        do throws(Linux.Errno) { return try FileDescriptor.open(path, O_RDONLY).readAll(limit: 16 << 20) } catch {
            throw RuntimeError(.invalid, "open \(path): \(error.code)")
        }
    }

    /// The phase, from what the kernel says of the process.
    func status(_ record: Record) throws(RuntimeError) -> RuntimeState.Status {
        guard Process(record.pid)?.isAlive(since: record.startTime) == true else { return .stopped }
        if let path = record.cgroup, let group = try? Cgroups.group(at: path), (try? group.isFrozen()) == true {
            return .paused
        }
        return access("\(try directory(record.id))/exec.fifo", F_OK) == 0 ? .created : .running
    }

    /// A container that runs or waits to be started.
    func container(_ id: String) throws(RuntimeError) -> Container {
        try container(try load(id), try specification(id))
    }

    func container(_ record: Record, _ specification: Specification) throws(RuntimeError) -> Container {
        try Container(
            id: record.id, specification: specification, bundle: record.bundle, pid: record.pid,
            cgroup: record.place)
    }

    func remove(_ id: String) throws(RuntimeError) {
        let path = try directory(id)
        for name in ["state.json", "config.json", "exec.fifo", StateStore.answerName] { _ = unlink("\(path)/\(name)") }
        if rmdir(path) != 0, errno != ENOENT {
            throw RuntimeError(.system, "rmdir \(path): \(Linux.Errno.last("rmdir").code)")
        }
    }

    /// A process as /proc/PID/stat has it.
    struct Process {
        /// Clock ticks since the machine's start: with the number, it names one process for ever.
        let startTime: UInt64
        /// A letter, `Z` for one that is dead and not reaped.
        private let state: UInt8

        /// nil: there is none of this number.
        init?(_ pid: Int32) {
            // Fields 3 and 22, which come after a name that may have anything in it.
            guard let bytes = try? FileDescriptor.open("/proc/\(pid)/stat", O_RDONLY).readAll(limit: 8192),
                let end = bytes.lastIndex(of: UInt8(ascii: ")"))
            else { return nil }
            let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
            guard fields.count > 19, let time = UInt64(fields[19]), let state = fields[0].utf8.first else { return nil }
            startTime = time
            self.state = state
        }

        /// Whether it is the one that started then, and runs.
        func isAlive(since time: UInt64) -> Bool {
            startTime == time && state != UInt8(ascii: "Z") && state != UInt8(ascii: "X")
        }
    }
}

/// Read and written member by member: what `Codable` needs takes longer than all else that is done with it.
extension StateStore.Record: JSONReadable {
    init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            ociVersion: try members.required("ociVersion"), id: try members.required("id"),
            pid: try members.required("pid"), startTime: try members.required("startTime"),
            bundle: try members.required("bundle"), cgroup: try members["cgroup"],
            isSystemd: try members["isSystemd"], rootfs: try members["rootfs"],
            created: try members["created"], owner: try members["owner"],
            hasLateHooks: try members["hasLateHooks"])
    }

    var json: JSONValue {
        var object = JSONObject()
        object.append("ociVersion", .string(ociVersion))
        object.append("id", .string(id))
        object.append("pid", .integer(Int64(pid)))
        object.append("startTime", .integer(Int64(clamping: startTime)))
        object.append("bundle", .string(bundle))
        object["cgroup"] = cgroup.map(JSONValue.string)
        object["isSystemd"] = isSystemd.map(JSONValue.bool)
        object["rootfs"] = rootfs.map(JSONValue.string)
        object["created"] = created.map(JSONValue.string)
        object["owner"] = owner.map { .integer(Int64($0)) }
        object["hasLateHooks"] = hasLateHooks.map(JSONValue.bool)
        return .object(object)
    }
}
