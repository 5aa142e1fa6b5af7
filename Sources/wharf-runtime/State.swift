// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import OCI
internal import OCIRuntime

/// `state ID`: prints the container's state (runtime.md#state).
enum State {
    static let command = Command("state", "ID", "print a container's state as JSON", run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        let record = try context.store.load(try options.containerID("state"))
        var document = try Document(record, context.store)
        document.annotations = try context.store.specification(record.id).spec.annotations
        return try RuntimeCommand.print(document, indent: "  ")
    }

    /// What `state` and `list` print: the specification's members, and those that runc adds.
    struct Document: Encodable {
        var ociVersion: String
        var id: String
        /// Absent once the container has stopped.
        var pid: Int32?
        var status: RuntimeState.Status
        var bundle: String
        var rootfs: String
        var created: String
        var owner: String
        var annotations: [String: String]?

        init(_ record: StateStore.Record, _ store: StateStore) throws(RuntimeError) {
            ociVersion = record.ociVersion
            id = record.id
            status = try store.status(record)
            pid = status == .stopped ? nil : record.pid
            bundle = record.bundle
            rootfs = record.rootfs ?? ""
            created = record.created ?? ""
            owner = record.owner.map { HostUsers.name($0) } ?? ""
        }
    }
}

/// The host's own /etc/passwd, read without the name service: that would be a library to load.
enum HostUsers {
    /// The user's name, or the number where it has none.
    static func name(_ uid: UInt32) -> String {
        let bytes = (try? StateStore.read("/etc/passwd")) ?? []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, UInt32(fields[2]) == uid { return String(fields[0]) }
        }
        return "#\(uid)"
    }
}
