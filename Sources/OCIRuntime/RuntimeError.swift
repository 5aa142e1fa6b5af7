// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Why the runtime could not do something.
package struct RuntimeError: Error, Equatable, Sendable {
    package var code: Code
    /// What, on what, why; in runc's wording where Docker's clients know it.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Names and meanings as in the shim's protocol (`ShimFailure.Code`).
    package enum Code: String, Sendable {
        /// The program does not exist; exit code 127.
        case notFound
        /// The program exists and can't be executed; exit code 126.
        case notExecutable
        /// The configuration or the request can't be carried out as it is.
        case invalid
        /// Wharf does not have this (yet); the message names it.
        case unsupported
        /// The system refused.
        case system
    }
}

extension RuntimeError: CustomStringConvertible {
    package var description: String { message }

    /// `step: call object: no such file or directory`.
    init(_ error: Linux.Errno, at step: String) {
        self.init(.system, "\(step): \(error)")
    }
}

/// Runs `body`; an error of the kernel's is thrown as one that says what was being done.
func step<R: ~Copyable>(
    _ name: @autoclosure () -> String, _ body: () throws(Linux.Errno) -> R
) throws(RuntimeError) -> R {
    do throws(Linux.Errno) { return try body() } catch { throw RuntimeError(error, at: name()) }
}
