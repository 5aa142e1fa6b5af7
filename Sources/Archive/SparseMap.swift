// SPDX-License-Identifier: Apache-2.0

/// What pax records say of a sparse file: GNU tar's formats 0.0 (repeated records), 0.1 (one list) and 1.0 (a list at
/// the start of the data).
struct PaxSparse {
    var isVersion1 = false
    var name: [UInt8]?
    var realSize: Int64?
    var runs: [SparseRun] = []
    private var pendingOffset: Int64?

    var isSparse: Bool { isVersion1 || !runs.isEmpty }

    mutating func set(_ key: String, _ value: [UInt8], _ limits: ArchiveLimits) throws(ArchiveError) {
        switch key {
        case "GNU.sparse.major": isVersion1 = PaxRecords.number(value[...]) == 1
        case "GNU.sparse.name": name = value
        case "GNU.sparse.size", "GNU.sparse.realsize": realSize = PaxRecords.number(value[...])
        case "GNU.sparse.offset": pendingOffset = PaxRecords.number(value[...])
        case "GNU.sparse.numbytes":
            guard let offset = pendingOffset, let length = PaxRecords.number(value[...]) else {
                throw SparseMap.invalid
            }
            try append(SparseRun(offset: offset, length: length), limits)
            pendingOffset = nil
        case "GNU.sparse.map":
            runs = []
            let numbers = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard numbers.count % 2 == 0 else { throw SparseMap.invalid }
            for index in stride(from: 0, to: numbers.count, by: 2) {
                guard let offset = PaxRecords.number(numbers[index]), let length = PaxRecords.number(numbers[index + 1])
                else { throw SparseMap.invalid }
                try append(SparseRun(offset: offset, length: length), limits)
            }
        default: break  // numblocks, minor: counted and known otherwise.
        }
    }

    private mutating func append(_ run: SparseRun, _ limits: ArchiveLimits) throws(ArchiveError) {
        guard runs.count < limits.sparseFragments else { throw SparseMap.tooMany }
        runs.append(run)
    }
}

/// Sparse maps inside header and data blocks.
enum SparseMap {
    static let invalid = ArchiveError(.corrupt, "invalid sparse map")
    static let tooMany = ArchiveError(.limit, "a sparse file has too many fragments")

    /// The entries of an old GNU header (`count` 4, at 386) or of a continuation block (`count` 21, at 0).
    static func runs(
        in block: UnsafeRawBufferPointer, at offset: Int, count: Int
    ) throws(ArchiveError) -> [SparseRun] {
        var result: [SparseRun] = []
        for index in 0..<count {
            let start = offset + index * 24
            if block[start] == 0 { break }
            let run = SparseRun(
                offset: try TarHeader.number(block, start, 12), length: try TarHeader.number(block, start + 12, 12))
            result.append(run)
        }
        return result
    }

    /// Refuses runs that overlap, go backwards or end after the file, or that don't add up to the data there is.
    static func check(_ runs: [SparseRun], size: Int64, stored: Int64) throws(ArchiveError) {
        var end: Int64 = 0
        var total: Int64 = 0
        for run in runs {
            let (next, overflow) = run.offset.addingReportingOverflow(run.length)
            guard run.length >= 0, run.offset >= end, !overflow, next <= size else { throw invalid }
            end = next
            total += run.length
        }
        guard total == stored else { throw invalid }
    }
}
