// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import GoTemplate
internal import JSON

/// `images`: lists images, one line for each name.
enum ImageList {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        var filters = session.filters()
        if let name = session.arguments.first { filters.values["reference", default: []].append(name) }
        let images = try session.client().images(all: flags.bool("all"), filters: filters)
        let showsDigests = flags.bool("digests")
        let isWhole = flags.bool("no-trunc")
        let list = Listing(
            typeName: "*formatter.imageContext", headers: headers,
            table: showsDigests
                ? "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}"
                : "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}",
            quiet: "{{.ID}}",
            raw: (
                "repository: {{.Repository}}\ntag: {{.Tag}}\n" + (showsDigests ? "digest: {{.Digest}}\n" : "")
                    + "image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n", "image_id: {{.ID}}"
            ))
        let now = session.console.now()
        let wantsDigest = showsDigests || flags.text("format").contains("{{.Digest}}")
        var lines: [Row] = []
        for image in images {
            for name in flags.bool("quiet") ? [ImageName()] : names(of: image, wantsDigest: wantsDigest) {
                lines.append(row(image, name, now: now, isWhole: isWhole))
            }
        }
        try list.print(lines, session)
        return 0
    }

    static let headers = [
        "Repository": "REPOSITORY", "Tag": "TAG", "Digest": "DIGEST", "ID": "IMAGE ID", "CreatedSince": "CREATED",
        "CreatedAt": "CREATED AT", "Size": "SIZE", "Containers": "CONTAINERS", "VirtualSize": "SIZE",
        "SharedSize": "SHARED SIZE", "UniqueSize": "UNIQUE SIZE",
    ]

    struct ImageName {
        var repository = "<none>"
        var tag = "<none>"
        var digest = "<none>"
    }

    /// Each name of an image; with digests, each name and digest that belong together.
    static func names(of image: ImageSummary, wantsDigest: Bool) -> [ImageName] {
        var tags: [(repository: String, tag: String)] = []
        for text in image.repoTags {
            guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") else { continue }
            tags.append((String(text[..<colon]), String(text[text.index(after: colon)...])))
        }
        var digests: [(repository: String, digest: String)] = []
        for text in image.repoDigests {
            guard let at = text.firstIndex(of: "@") else { continue }
            digests.append((String(text[..<at]), String(text[text.index(after: at)...])))
        }
        var result: [ImageName] = []
        var repositories: [String] = []
        for tag in tags where !repositories.contains(tag.repository) { repositories.append(tag.repository) }
        for repository in repositories {
            let own = digests.filter { $0.repository == repository }.map(\.digest)
            for tag in tags where tag.repository == repository {
                if !wantsDigest || own.isEmpty {
                    result.append(ImageName(repository: repository, tag: tag.tag))
                    continue
                }
                for digest in own { result.append(ImageName(repository: repository, tag: tag.tag, digest: digest)) }
            }
        }
        for digest in digests where !repositories.contains(digest.repository) {
            result.append(ImageName(repository: digest.repository, digest: digest.digest))
        }
        return result.isEmpty ? [ImageName()] : result
    }

    static func row(_ image: ImageSummary, _ name: ImageName, now: Timestamp, isWhole: Bool) -> Row {
        let created = Timestamp(seconds: image.created)
        return Row { field, _ in
            switch field {
            case "ID": isWhole ? image.id : Human.shortID(image.id)
            case "Repository": name.repository
            case "Tag": name.tag
            case "Digest": name.digest
            case "CreatedSince":
                image.created == 0 ? "N/A" : Human.ago(created, now: now)
            case "CreatedAt": image.created == 0 ? "N/A" : Human.goTime(created)
            case "Size": Human.size(image.size)
            case "VirtualSize": Human.size(image.size, digits: 4)
            case "Containers": image.containers < 0 ? "N/A" : String(image.containers)
            case "SharedSize": image.sharedSize < 0 ? "N/A" : Human.size(image.sharedSize, digits: 4)
            case "UniqueSize":
                image.sharedSize < 0 ? "N/A" : Human.size(image.size - image.sharedSize, digits: 4)
            default: nil
            }
        }
    }
}
