// SPDX-License-Identifier: Apache-2.0

package import OCI
internal import JSON

/// A decoded config.json, with the system call filter's section as it was written: that is decoded only when its
/// compiled form is not in the cache.
package struct Specification: Sendable {
    package var spec: RuntimeSpec
    /// The bytes of `linux.seccomp`; nil: there is no filter.
    package var seccomp: [UInt8]?

    /// Decodes the content of a config.json.
    package init(json: [UInt8]) throws(RuntimeError) {
        throw RuntimeError(.unsupported, "decode")
    }
}
