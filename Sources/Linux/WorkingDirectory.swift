// SPDX-License-Identifier: Apache-2.0

internal import Glibc

package enum WorkingDirectory {
    /// Where this process is; nil if that directory is gone.
    package static var path: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        return buffer.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { getcwd($0, buffer.count) }.map { String(cString: $0) }
        }
    }
}
