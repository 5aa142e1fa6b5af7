// SPDX-License-Identifier: Apache-2.0

internal import HTTPClient
package import Linux

/// Why a call to the engine failed; `message` is what a user is told after `Error response from daemon: ` or alone.
package struct ClientError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// Nobody answers at the address, and why.
        case unreachable(Errno.Code)
        /// The engine answered with this status.
        case response(status: Int)
        /// What came is not an answer.
        case badAnswer
        /// Something is wrong with what was asked for, found before it was sent.
        case usage
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The engine's status; nil where it did not answer.
    package var status: Int? { if case .response(let status) = kind { status } else { nil } }
    package var isNotFound: Bool { status == 404 }
    package var description: String { message }

    init(_ error: any Error, host: String) {
        switch error {
        case let error as ClientError: self = error
        case HTTPClientError.connect(let error):
            self.init(.unreachable(error.code), Self.unreachable(error, host: host))
        case HTTPClientError.transfer(let error): self.init(.badAnswer, "error during connect: \(error)")
        case HTTPClientError.closed: self.init(.badAnswer, "error during connect: the engine closed the connection")
        case HTTPClientError.malformed(let error): self.init(.badAnswer, "the answer is not HTTP: \(error)")
        default: self.init(.badAnswer, "\(error)")
        }
    }

    private static func unreachable(_ error: Errno, host: String) -> String {
        error.code == .accessDenied
            ? "permission denied while trying to connect to the Docker daemon socket at \(host): \(error)"
            : "Cannot connect to the Docker daemon at \(host). Is the docker daemon running?"
    }
}
