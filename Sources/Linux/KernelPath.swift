// SPDX-License-Identifier: Apache-2.0

/// What system calls take as a path or a name: text, or bytes as a tree or an archive has them.
package protocol KernelPath: CustomStringConvertible {
    var isEmpty: Bool { get }
    func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result
}

extension String: KernelPath {}
extension RawPath: KernelPath {}
