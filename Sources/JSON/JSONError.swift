// SPDX-License-Identifier: Apache-2.0

/// A document that is not JSON, or not the JSON that was expected.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    /// Where: a byte offset for syntax, a member path (`HostConfig.Memory`) for content; empty for the whole.
    package var place: String
    /// What is wrong, and what should be there.
    package var reason: String

    package init(place: String, reason: String) {
        self.place = place
        self.reason = reason
    }

    package var description: String { place.isEmpty ? reason : "\(place): \(reason)" }

    /// Turns what Codable throws into one line that names the member.
    init(decoding error: any Error) {
        switch error {
        case let error as JSONError:
            self = error
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            self.init(place: JSONError.place(context.codingPath), reason: context.debugDescription)
        case DecodingError.keyNotFound(let key, let context):
            self.init(place: JSONError.place(context.codingPath + [key]), reason: "is missing")
        case EncodingError.invalidValue(_, let context):
            self.init(place: JSONError.place(context.codingPath), reason: context.debugDescription)
        default:
            self.init(place: "", reason: "\(error)")
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        var text = ""
        for key in path {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text
    }
}
