// SPDX-License-Identifier: Apache-2.0

/// Sizes and processor counts as flags give them.
package enum Units {
    /// Bytes of `64m`, `1.5GiB`, `10 kB`: every unit is a power of 1024.
    package static func bytes(_ text: String) throws(GoSyntax.Problem) -> Int64 {
        let invalid = GoSyntax.Problem("invalid size: '\(text)'")
        guard let last = text.lastIndex(where: { "0123456789. ".contains($0) }) else { throw invalid }
        let end = text.index(after: last)
        let number = text[..<end]
        let suffix = text[end...].lowercased()
        let digits = number.hasSuffix(" ") ? number.dropLast() : number
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            digits.contains(where: \.isNumber),
            let amount = Double(digits.hasPrefix(".") ? "0\(digits)" : digits.hasSuffix(".") ? "\(digits)0" : digits)
        else { throw invalid }
        guard let power = power(ofSuffix: suffix) else {
            throw GoSyntax.Problem("invalid suffix: '\(suffix)'")
        }
        var scale = 1.0
        for _ in 0..<power { scale *= 1024 }
        guard amount * scale < 9.2e18 else { throw invalid }
        return Int64(amount * scale)
    }

    private static func power(ofSuffix suffix: String) -> Int? {
        guard let first = suffix.first else { return 0 }
        if suffix == "b" { return 0 }
        let rest = suffix.dropFirst()
        guard rest.isEmpty || rest == "b" || rest == "ib" else { return nil }
        return ["k": 1, "m": 2, "g": 3, "t": 4, "p": 5][first]
    }

    /// Billionths of a processor of `0.5`, `1.25` or `3/2`.
    package static func nanoCPUs(_ text: String) throws(GoSyntax.Problem) -> Int64 {
        let invalid = GoSyntax.Problem("failed to parse \(text) as a rational number")
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count <= 2, let top = decimal(halves[0]) else { throw invalid }
        var bottom: (digits: Int64, places: Int) = (1, 0)
        if halves.count == 2 {
            guard let value = Int64(halves[1]), value > 0 else { throw invalid }
            bottom = (value, 0)
        }
        var numerator = top.digits
        var places = top.places
        while places > 9 {
            guard numerator % 10 == 0 else { throw GoSyntax.Problem("value is too precise") }
            numerator /= 10
            places -= 1
        }
        for _ in places..<9 {
            let (product, overflow) = numerator.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw invalid }
            numerator = product
        }
        guard numerator % bottom.digits == 0 else { throw GoSyntax.Problem("value is too precise") }
        return numerator / bottom.digits
    }

    private static func decimal(_ text: Substring) -> (digits: Int64, places: Int)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        let sign = parts[0].first.map { $0 == "-" || $0 == "+" } ?? false
        let whole = sign ? parts[0].dropFirst() : parts[0]
        let digits = whole + fraction
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let value = Int64(digits) else {
            return nil
        }
        return (parts[0].hasPrefix("-") ? -value : value, fraction.utf8.count)
    }
}
