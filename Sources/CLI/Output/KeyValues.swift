// SPDX-License-Identifier: Apache-2.0

/// `key=value` lists.
enum KeyValues {
    /// The last value of a key counts; without `=` the value is empty.
    static func dictionary(_ list: [String]) -> [String: String] {
        var result: [String: String] = [:]
        for item in list {
            let key = item.prefix { $0 != "=" }
            result[String(key)] = String(item.dropFirst(key.count + 1))
        }
        return result
    }

    /// `a=b,c=d`, in order of keys.
    static func text(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}
