// SPDX-License-Identifier: Apache-2.0

package import EngineAPI

/// The rules for names of volumes.
package enum VolumeName {
    /// Refuses what is not a letter or digit followed by letters, digits, `_`, `.` or `-` (rule R10), with Docker's
    /// text.
    package static func validate(_ name: String) throws(EngineError) {
        guard RestrictedName.isValid(name), name.utf8.count <= 255 else {
            if name.utf8.count == 1, RestrictedName.isValid(name + "a") {
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
}
