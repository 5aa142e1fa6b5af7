// SPDX-License-Identifier: Apache-2.0

package import EngineAPI

/// The rules for names of volumes.
package enum VolumeName {
    /// Refuses what is not a letter or digit followed by letters, digits, `_`, `.` or `-` (rule R10), with Docker's text.
    package static func validate(_ name: String) throws(EngineError) {
        let bytes = Array(name.utf8)
        guard bytes.count >= 2, bytes.count <= 255, isAlphanumeric(bytes[0]), bytes.allSatisfy(isAllowed) else {
            if bytes.count == 1, isAlphanumeric(bytes[0]) {
                throw EngineError(
                    .invalidParameter,
                    "create \(name): volume name is too short, names should be at least two alphanumeric characters")
            }
            throw EngineError(
                .invalidParameter,
                "create \(name): \"\(name)\" includes invalid characters for a local volume name, only "
                    + "\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
            )
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }
}
