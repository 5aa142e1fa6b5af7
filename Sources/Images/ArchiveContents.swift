// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import Linux
internal import OCI

/// The files of an image archive, each in the ingest directory with its digest.
struct ArchiveContents {
    /// Real archives have a few files for each layer.
    private static let mostFiles = 100_000

    let ingest: Ingest
    private(set) var files: [String: IngestedBlob] = [:]
    private var links: [String: String] = [:]

    init(ingest: Ingest) { self.ingest = ingest }

    /// Reads the archive to its end. `arrived` is told of each file, with its first bytes.
    mutating func read(_ reader: TarReader, arrived: (IngestedBlob, [UInt8]) throws -> Void) throws {
        while let entry = try reader.next() {
            let path = try Self.normalised(entry.path)
            guard files.count + links.count < Self.mostFiles else {
                throw ArchiveError(.limit, "the archive has more than \(Self.mostFiles) files")
            }
            switch entry.kind {
            case .directory: continue
            case .file:
                let blob = try add(path, reader)
                try arrived(blob.0, blob.1)
            case .hardLink(let target): links[path] = try Self.normalised(target)
            case .symbolicLink(let target): links[path] = Self.follow(target, from: path)
            case .characterDevice, .blockDevice, .fifo:
                throw ArchiveError(.unsupported, "\(entry.path): not something an image archive has")
            }
        }
        try reader.drain()
    }

    private mutating func add(_ path: String, _ reader: TarReader) throws -> (IngestedBlob, [UInt8]) {
        var head: [UInt8] = []
        let blob = try ingest.write { put in
            var end: Int64 = 0
            try reader.readData { offset, bytes in
                guard offset == end else { throw ArchiveError(.unsupported, "\(path): a sparse file") }
                end += Int64(bytes.count)
                if head.count < 512 { head += bytes.prefix(512 - head.count) }
                try put(bytes)
            }
        }
        if path.hasPrefix("blobs/sha256/"), path != "blobs/sha256/\(blob.digest.hex)" {
            throw ArchiveError(.corrupt, "\(path): its content has the digest \(blob.digest)")
        }
        files[path] = blob
        return (blob, head)
    }

    /// The file at `path`, through links.
    subscript(path: String) -> IngestedBlob? {
        var path = path
        for _ in 0..<16 {
            if let file = files[path] { return file }
            guard let next = links[path] else { return nil }
            path = next
        }
        return nil
    }

    func document(_ path: String) throws -> [UInt8]? {
        guard let blob = self[path] else { return nil }
        return try ingest.read(blob)
    }

    private static func normalised(_ path: RawPath) throws -> String {
        let components = path.components
        guard !components.contains(where: \.isDotDot) else {
            throw ArchiveError(.hostile, "\(path): the path has '..' in it")
        }
        return components.map(\.description).joined(separator: "/")
    }

    /// What a link at `path` names, inside the archive.
    private static func follow(_ target: RawPath, from path: String) -> String {
        var names = target.hasPrefix("/") ? [] : path.split(separator: "/").dropLast().map(String.init)
        for component in target.components {
            if component.isDotDot { _ = names.popLast() } else { names.append(component.description) }
        }
        return names.joined(separator: "/")
    }
}
