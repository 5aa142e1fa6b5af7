// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// NULL-terminated C strings, as execve(2) wants them, freed with the value.
package struct CStringArray: ~Copyable {
    private let base: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    package init(_ strings: [String]) {
        count = strings.count
        base = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { base[index] = strdup(string) }
        base[strings.count] = nil
    }

    deinit {
        for index in 0..<count { free(base[index]) }
        base.deallocate()
    }

    borrowing func withPointer<R>(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
        body(base)
    }
}
