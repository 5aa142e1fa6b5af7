// SPDX-License-Identifier: Apache-2.0

/// What went wrong, as the engine tells it: a code that decides the HTTP status, a message for people, and the cause.
///
/// The code becomes a status in one function (`APIServer/Errors.swift`). Nobody inspects the message.
public struct EngineError: Error, Sendable {
    /// Decides the HTTP status.
    public var code: Code
    /// What, where, and what to do; where Docker has a message for it, Docker's.
    public var message: String
    /// The error below, for the log.
    public var cause: (any Error)?

    /// An error of the engine's, or of what the user asked for.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The kinds of failure a client can tell apart.
    public enum Code: Sendable, Equatable {
        /// 304: it is so already (start of a running container). Not an error to the user.
        case notModified
        /// 400
        case invalidParameter
        /// 401
        case unauthorized
        /// 403
        case forbidden
        /// 404
        case notFound
        /// 409: in use, wrong state, name taken.
        case conflict
        /// 413
        case tooLarge
        /// 500: the engine's or the system's failure.
        case system
        /// 501: Wharf does not have this (yet); the message names it.
        case notImplemented
        /// 503
        case unavailable
    }
}

extension EngineError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}
