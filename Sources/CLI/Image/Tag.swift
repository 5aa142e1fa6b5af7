// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import OCI

/// `tag`: gives an image another name.
enum ImageTag {
    static func run(_ session: Session) throws -> Int32 {
        let target = session.arguments[1]
        let name: ImageReference
        do throws(ReferenceError) { name = try ImageReference(target) } catch {
            throw Failure("Error parsing reference: \(GoText.quoted(target)) is not a valid repository/tag: \(error)")
        }
        guard name.digest == nil else { throw Failure("refusing to create a tag with a digest reference") }
        try session.client().tagImage(
            session.arguments[0], repository: name.repository, tag: name.tagged.tag)
        return 0
    }
}
