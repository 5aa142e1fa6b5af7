// SPDX-License-Identifier: Apache-2.0

/// Statistics files of one directory: what a kernel does not have counts as nothing.
struct StatisticsFile {
    let directory: String

    func number(_ name: String) -> UInt64? { try? HostFile.number("\(directory)/\(name)") }

    func words(_ name: String) -> [Substring] {
        (try? HostFile.read("\(directory)/\(name)"))?.split(whereSeparator: \.isWhitespace) ?? []
    }

    /// `key value` lines.
    func table(_ name: String) -> [String: UInt64] {
        var result: [String: UInt64] = [:]
        for line in lines(name) {
            let fields = line.split(separator: " ")
            if fields.count == 2, let value = UInt64(fields[1]) { result[String(fields[0])] = value }
        }
        return result
    }

    func lines(_ name: String) -> [Substring] {
        (try? HostFile.read("\(directory)/\(name)"))?.split(separator: "\n") ?? []
    }

    /// `0-2,5`.
    func list(_ name: String) -> [UInt16]? {
        var result: [UInt16] = []
        for part in words(name).first?.split(separator: ",") ?? [] {
            let ends = part.split(separator: "-").compactMap { UInt16($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { continue }
            result += Array(first...last)
        }
        return result.isEmpty ? nil : result
    }

    /// The `2MB` of hugetlb's files.
    func pageSizes(_ suffix: String) -> [String] {
        HostFile.files(directory).compactMap { name in
            guard name.hasPrefix("hugetlb."), name.hasSuffix(suffix) else { return nil }
            let size = name.dropFirst(8).dropLast(suffix.utf8.count)
            return size.contains(".") ? nil : String(size)
        }
    }
}
