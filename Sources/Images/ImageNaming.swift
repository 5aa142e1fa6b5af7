// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import JSON
internal import MetadataStore
internal import OCI

extension ImageStore {
    /// Gives the image another name; takes that name from whatever had it.
    package func tag(_ reference: String, repository: String, tag: String?) throws(EngineError) {
        let name = try newName(repository, tag)
        let found = try find(reference)
        let source = found.name.flatMap { tables.tags[$0.description] }
        let record = TagRecord(image: found.id, annotations: source?.annotations, tagged: .now)
        do {
            try tables.store.write { tx in
                // A removal may have been quicker.
                guard tx.get(tables.images, found.id.description) != nil else {
                    throw EngineError(.notFound, "No such image: \(reference)")
                }
                try tx.put(tables.tags, name.description, record)
            }
        } catch { throw Self.failure(error) }
        writeIndex()
        emit(.tag, found.id, name.familiar)
    }

    private func newName(_ repository: String, _ tag: String?) throws(EngineError) -> ImageReference {
        var name: ImageReference
        do throws(ReferenceError) { name = try ImageReference(repository) } catch {
            throw EngineError(.invalidParameter, error.description, cause: error)
        }
        guard name.digest == nil else {
            throw EngineError(.invalidParameter, "refusing to create a tag with a digest reference")
        }
        if let tag, !tag.isEmpty {
            guard ImageReference.isTag(tag) else { throw EngineError(.invalidParameter, "invalid tag format") }
            name.tag = tag
        }
        return name.tagged
    }

    /// Takes a name away, and the image with its last one. `users` are the containers there are.
    package func remove(
        _ reference: String, force: Bool, noPrune: Bool, users: [ImageUser]
    ) throws(EngineError) -> [ImageDeleteItem] {
        let removal: ImageRemoval
        do {
            removal = try tables.store.write { tx in
                let tags = tx.all(tables.tags)
                let finder = ImageFinder(images: tx.all(tables.images), tags: tags)
                let removal = try ImageRemoval(try finder.find(reference), tags: tags, force: force, users: users)
                for name in removal.untagged { try tx.delete(tables.tags, name.description) }
                if removal.deletes { try tx.delete(tables.images, removal.id.description) }
                return removal
            }
        } catch { throw Self.failure(error) }
        writeIndex()
        var items: [ImageDeleteItem] = []
        for name in removal.untagged {
            emit(.untag, removal.id, name.familiar)
            items.append(ImageDeleteItem(untagged: name.familiar))
        }
        if removal.deletes {
            sweep(blobs: Set(removal.record.blobs.map(\.digest)), chains: Set(removal.record.layers))
            emit(.delete, removal.id, removal.id.description)
            items.append(ImageDeleteItem(deleted: removal.id.description))
        }
        return items
    }
}

/// What removing a reference does, by Docker's rules.
struct ImageRemoval {
    let id: Digest
    let record: ImageRecord
    /// The names to take away.
    let untagged: [ImageReference]
    /// Whether the image goes too.
    let deletes: Bool

    init(
        _ found: ImageStore.Found, tags: [String: TagRecord], force: Bool, users: [ImageUser]
    ) throws(EngineError) {
        id = found.id
        record = found.record
        let all = tags.filter { $0.value.image == found.id }.keys.sorted().compactMap { try? ImageReference($0) }
        let users = users.filter { $0.imageID == found.id.description }
        if let name = found.name {
            untagged = [name]
            if all.count > 1 {
                deletes = false
                return
            }
            if let user = users.first, !force {
                throw Self.conflict(
                    name.familiar, "must be forced",
                    "container \(user.containerID.prefix(12)) is using its referenced image \(found.id.short)")
            }
            // Forced: the containers keep the image, without a name.
            deletes = users.isEmpty
            return
        }
        let meant = found.repository.map { repository in all.filter { $0.repository == repository } } ?? all
        untagged = meant
        if meant.count < all.count {
            deletes = false
            return
        }
        if Set(all.map(\.repository)).count > 1, !force {
            throw Self.conflict(found.id.short, "must be forced", "image is referenced in multiple repositories")
        }
        if let user = users.first(where: \.isRunning) {
            throw Self.conflict(
                found.id.short, "cannot be forced",
                "image is being used by running container \(user.containerID.prefix(12))")
        }
        if let user = users.first, !force {
            throw Self.conflict(
                found.id.short, "must be forced",
                "image is being used by stopped container \(user.containerID.prefix(12))")
        }
        deletes = true
    }

    private static func conflict(_ name: String, _ how: String, _ why: String) -> EngineError {
        EngineError(.conflict, "conflict: unable to delete \(name) (\(how)) - \(why)")
    }
}
