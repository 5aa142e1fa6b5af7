// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import OCI

/// `tag`: gives an image another name.
enum ImageTag {
    static func run(_ session: Session) throws -> Int32 {
        // Docker's client reads both before it asks.
        let name = try reference(session.arguments[1])
        _ = try reference(session.arguments[0])
        guard name.digest == nil else { throw Failure("refusing to create a tag with a digest reference") }
        try session.client().tagImage(
            session.arguments[0], repository: name.repository, tag: name.tagged.tag)
        return 0
    }

    private static func reference(_ text: String) throws -> ImageReference {
        do throws(ReferenceError) { return try ImageReference(text) } catch {
            throw Failure("Error parsing reference: \(GoText.quoted(text)) is not a valid repository/tag: \(error)")
        }
    }
}
