// SPDX-License-Identifier: Apache-2.0

import JSON

extension JSONValue {
    /// The text of a string; of anything else what it looks like as JSON.
    var text: String {
        if let string { return string }
        return String(decoding: serialized(), as: UTF8.self)
    }

    /// The elements of an array; of anything else none.
    var elements: [JSONValue] { array ?? [] }

    /// The names of an object's members.
    var keys: [String] { object?.members.map(\.key) ?? [] }
}
