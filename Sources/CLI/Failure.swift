// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import GoTemplate

/// Why a command ends without having done its work.
struct Failure: Error {
    /// For standard error; empty where there is nothing to add.
    var text: String
    var status: Int32

    init(_ text: String, status: Int32 = 1) {
        self.text = text
        self.status = status
    }

    /// Only a status, such as a container's own.
    static func status(_ status: Int32) -> Failure { Failure("", status: status) }

    /// Words any error as a user is told it.
    static func text(of error: any Error) -> String {
        switch error {
        case let failure as Failure: failure.text
        case let error as ClientError: Self.text(of: error)
        case let error as TemplateError: error.description
        case let error as GoSyntax.Problem: error.text
        case let error as EngineError: error.message
        default: "\(error)"
        }
    }

    private static func text(of error: ClientError) -> String {
        if case .response = error.kind { return "Error response from daemon: \(error.message)" }
        return error.message
    }
}
