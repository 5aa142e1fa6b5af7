// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Glibc
internal import JSON
package import Linux
package import MetadataStore
internal import Synchronization

/// The volumes of the `local` driver: directories that outlive containers.
///
/// One use: `prepare` makes the volume where it is new; the transaction that creates a container says `retain`, so that
/// nobody removes the volume; `hostPath` is mounted at each start; the transaction that removes the container says
/// `release`. Records change in the caller's transaction, directories before it (creation) or after it (removal): what
/// a crash leaves, `recover` repairs.
///
/// Everything here blocks on the disk: call it from the blocking pool.
package final class VolumeStore: Sendable {
    private let root: String
    private let metadata: MetadataStore
    private let table: Table<VolumeRecord>
    private let pins = Mutex<[String: Int]>([:])

    /// `root` is made (0701: a mount's path must be passable for its users) if it is not there.
    package init(root: String, metadata: MetadataStore) throws {
        self.root = root
        self.metadata = metadata
        table = try metadata.table("volumes", of: VolumeRecord.self)
        if mkdir(root, 0o701) != 0, errno != EEXIST { throw Errno.last("mkdir", root) }
    }

    /// The directory that containers see.
    package func hostPath(_ name: String) -> String { "\(root)/\(name)/_data" }

    package subscript(_ name: String) -> VolumeRecord? { table[name] }

    /// Keeps the volumes of these names, whether they exist yet or not, from being removed until `unpin`: for a
    /// container that is being made.
    package func pin(_ names: [String]) {
        pins.withLock { pins in for name in names { pins[name, default: 0] += 1 } }
    }

    package func unpin(_ names: [String]) {
        pins.withLock { pins in
            for name in names {
                let left = pins[name, default: 1] - 1
                pins[name] = left > 0 ? left : nil
            }
        }
    }

    /// Makes the volume and its record, or returns the one of that name. `isNew` tells which. A provisional one does
    /// not outlive the daemon unless a container retains it.
    package func prepare(
        _ request: VolumeCreateRequest, provisional: Bool = false
    ) throws -> (volume: Volume, isNew: Bool) {
        let wanted = try describe(request)
        // Always in a transaction: what is seen outside of one may be on its way out.
        return try metadata.write { transaction in
            if let existing = transaction.get(table, wanted.name) {
                return (try existing.agreeing(with: wanted), false)
            }
            try makeDirectory(wanted.name)
            try transaction.put(
                table, wanted.name, VolumeRecord(volume: wanted, users: [], isProvisional: provisional ? true : nil))
            return (wanted, true)
        }
    }

    /// The volume a request asks for, validated; nothing is made.
    private func describe(_ request: VolumeCreateRequest) throws(EngineError) -> Volume {
        let given = request.name ?? ""
        let name = given.isEmpty ? Identifier.random() : given
        try VolumeName.validate(name)
        let driver = request.driver ?? ""
        guard driver.isEmpty || driver == "local" else {
            throw EngineError(
                .notFound, "create \(name): error looking up volume plugin \(driver): plugin \"\(driver)\" not found")
        }
        if let option = request.driverOpts?.keys.sorted().first {
            throw EngineError(
                .notImplemented, "create \(name): option \"\(option)\" of the local volume driver is not supported yet")
        }
        guard request.clusterVolumeSpec == nil else {
            throw EngineError(.notImplemented, "create \(name): cluster volumes are not supported yet")
        }
        var labels = request.labels
        if given.isEmpty { labels = (labels ?? [:]).merging([VolumeRecord.anonymousLabel: ""]) { old, _ in old } }
        return Volume(
            createdAt: Timestamp(seconds: Timestamp.now.seconds).rfc3339, driver: "local", labels: labels,
            mountpoint: hostPath(name), name: name, options: nil, scope: "local")
    }

    private func makeDirectory(_ name: String) throws(Errno) {
        for (path, mode) in [("\(root)/\(name)", 0o701), (hostPath(name), 0o755)] as [(String, mode_t)] {
            if mkdir(path, mode) != 0, errno != EEXIST { throw .last("mkdir", path) }
        }
    }

    /// All volumes that pass the filters `dangling`, `driver`, `label` and `name`, by name.
    package func list(_ filters: Filters) throws(EngineError) -> [Volume] {
        try filters.validate(["dangling", "driver", "label", "name"])
        let dangling = try filters.bool("dangling")
        return table.all.values.filter { $0.passes(filters, dangling: dangling) }
            .map(\.volume).sorted { $0.name < $1.name }
    }

    package func inspect(_ name: String) throws(EngineError) -> Volume {
        guard let record = table[name] else { throw EngineError(.notFound, "get \(name): no such volume") }
        return record.volume
    }

    /// Removes the volume and what is in it; refused while a container uses it. `force` forgives that there is none.
    package func remove(_ name: String, force: Bool) throws {
        guard table[name] != nil else {
            if force { return }
            throw EngineError(.notFound, "get \(name): no such volume")
        }
        let directory = try FileDescriptor.open(root, O_RDONLY | O_DIRECTORY)
        try metadata.write { transaction in
            guard let record = transaction.get(table, name) else { return }
            guard pins.withLock({ $0[name] }) == nil else {
                throw EngineError(.conflict, "remove \(name): volume is in use - a container is being made with it")
            }
            guard record.users.isEmpty else {
                throw EngineError(
                    .conflict, "remove \(name): volume is in use - [\(record.users.joined(separator: ", "))]")
            }
            try transaction.delete(table, name)
            // Before the commit: a crash leaves a record whose directory `recover` renames back, never a directory
            // that looks like a volume but lacks half of its files.
            try directory.rename(name, to: Self.removalPrefix + name, in: directory)
        }
        try directory.removeTree(Self.removalPrefix + name)
    }

    /// Not a possible name of a volume.
    private static let removalPrefix = ".removing-"

    /// Notes that `containerID` uses the volumes, in the transaction that creates it. They must exist.
    package func retain(_ names: [String], by containerID: String, in transaction: Transaction) throws {
        for name in names {
            guard var record = transaction.get(table, name) else {
                throw EngineError(.notFound, "get \(name): no such volume")
            }
            guard !record.users.contains(containerID) else { continue }
            record.users.append(containerID)
            record.isProvisional = nil
            try transaction.put(table, name, record)
        }
    }

    /// Notes that `containerID` uses no volume any more, in the transaction that removes it. Returns the anonymous
    /// volumes among them that nobody else uses: with `rm -v` (`removing`) the caller removes those next, or the next
    /// daemon does.
    package func release(
        _ containerID: String, removing: Bool = false, in transaction: Transaction
    ) throws -> [String] {
        var unused: [String] = []
        for (name, var record) in transaction.all(table) where record.users.contains(containerID) {
            record.users.removeAll { $0 == containerID }
            let isUnused = record.users.isEmpty && record.isAnonymous
            if isUnused { unused.append(name) }
            if isUnused, removing { record.isProvisional = true }
            try transaction.put(table, name, record)
        }
        return unused.sorted()
    }

    /// Repairs what a crash left, at start, before anything else uses the store: finishes removals whose record is
    /// gone, undoes those whose record is there, and adopts directories that no record names (data is never deleted
    /// because a record is lost); of those, an empty one is a creation that never ended. Returns the adopted.
    package func recover() throws -> [String] {
        let directory = try FileDescriptor.open(root, O_RDONLY | O_DIRECTORY)
        var adopted: [String] = []
        for name in try directory.entries().map(\.name.description) {
            if name.hasPrefix(Self.removalPrefix) {
                let original = String(name.dropFirst(Self.removalPrefix.count))
                if table[original] == nil {
                    try directory.removeTree(name)
                } else {
                    try directory.rename(name, to: original, in: directory)
                }
            } else if table[name] == nil, (try? VolumeName.validate(name)) != nil, try !removeEmpty(name, in: directory)
            {
                adopted.append(name)
            }
        }
        for name in adopted {
            let volume = try describe(VolumeCreateRequest(name: name))
            try metadata.write { try $0.put(table, name, VolumeRecord(volume: volume, users: [])) }
        }
        for (name, record) in table.all where record.isProvisional == true && record.users.isEmpty {
            try remove(name, force: true)
        }
        return adopted
    }

    private func removeEmpty(_ name: String, in directory: borrowing FileDescriptor) throws(Errno) -> Bool {
        do throws(Errno) {
            let volume = try directory.openAt(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            do throws(Errno) { try volume.removeDirectory("_data") } catch {
                guard error.code == .noEntry else { throw error }
            }
            try directory.removeDirectory(name)
            return true
        } catch {
            guard error.code == .directoryNotEmpty || error.code == .notDirectory else { throw error }
            return false
        }
    }

    /// Copies what the image has at `path` into the volume, if the volume is empty: Docker's copy-up. `imageRoot` is
    /// the container's root file system; `path` is resolved inside it (rule R1). A path that is absent there, or no
    /// directory, leaves the volume as it is.
    package func copyUp(from imageRoot: borrowing FileDescriptor, _ path: String, into name: String) throws(Errno) {
        let target = try FileDescriptor.open(hostPath(name), O_RDONLY | O_DIRECTORY)
        guard try target.entries().isEmpty else { return }
        let source: FileDescriptor
        do throws(Errno) { source = try imageRoot.openInRoot(path, O_RDONLY | O_DIRECTORY) } catch {
            if error.code == .noEntry || error.code == .notDirectory { return }
            throw error
        }
        try source.copyTree(to: target)
    }
}

extension VolumeRecord {
    /// The volume, if it is what `wanted` asks for.
    fileprivate func agreeing(with wanted: Volume) throws(EngineError) -> Volume {
        guard volume.driver == wanted.driver else {
            throw EngineError(
                .conflict,
                "create \(wanted.name): conflict: volume name must be unique: it exists with driver \(volume.driver)")
        }
        return volume
    }

    fileprivate func passes(_ filters: Filters, dangling: Bool?) -> Bool {
        if let dangling, dangling != users.isEmpty { return false }
        let drivers = filters["driver"]
        if !drivers.isEmpty, !drivers.contains(volume.driver) { return false }
        let names = filters["name"]
        if !names.isEmpty, !names.contains(where: { volume.name.contains($0) }) { return false }
        return filters.matchLabels(volume.labels ?? [:])
    }
}
