// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// The metadata database can't do what was asked. Errors thrown by a transaction's body pass through unchanged.
package struct MetadataError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// A later version of the program wrote it; it was left as it is.
        case newer
        /// Another process has it open.
        case inUse
        /// It is no database, or a damaged one.
        case corrupt
        case other
    }

    package var kind: Kind
    package var description: String

    init(_ kind: Kind = .other, reason: String) {
        self.kind = kind
        description = reason
    }

    init(_ doing: String, _ error: any Error) {
        if let error = error as? MetadataError {
            self = error
        } else {
            self.init(MetadataError.kind(of: error), reason: "cannot \(doing): \(error)")
        }
    }

    init(opening path: String, _ error: any Error) {
        if let error = error as? MetadataError {
            self = error
            return
        }
        let kind = MetadataError.kind(of: error)
        let reason =
            switch kind {
            case .inUse: "another process (a running wharfd?) has it open"
            case .corrupt: "it is not a readable SQLite database; it was left as it is"
            default: "\(error)"
            }
        self.init(kind, reason: "cannot open \(path): \(reason)")
    }

    private static func kind(of error: any Error) -> Kind {
        guard let error = error as? DatabaseError else { return .other }
        return switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: .inUse
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
        default: .other
        }
    }

    static func otherType(_ table: String) -> MetadataError {
        MetadataError(reason: "the table \(table) is in use with records of another type")
    }
}
