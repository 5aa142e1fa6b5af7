// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Lists of CPUs and memory nodes: `0-3,7`.
enum NumberList {
    /// More than any machine has; a list that names a higher number is a mistake.
    private static let highest = 8191

    /// `field` is what the list is called in config.json.
    static func parse(_ text: String, _ field: String) throws(RuntimeError) -> BitMask {
        var mask = BitMask()
        let expected = "\(field): \"\(text)\" must be a list of numbers and ranges like \"0-3,7\""
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { number($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
                last <= highest
            else { throw RuntimeError(.invalid, expected) }
            for number in first...last { mask.insert(number) }
        }
        guard !mask.isEmpty else { throw RuntimeError(.invalid, expected) }
        return mask
    }

    private static func number(_ text: Substring) -> Int? {
        let digits = text.split(separator: " ")
        guard digits.count == 1, digits[0].utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(digits[0])
    }
}
