// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import HTTPMessage
internal import HTTPTransport
internal import JSON

/// The one place that turns an error into a status and what the client is told.
enum Errors {
    struct Failure {
        var status: Int
        var message: String
    }

    static func failure(_ error: any Error) -> Failure {
        switch error {
        case let error as EngineError: Failure(status: status(error.code), message: error.message)
        case let error as HTTPServerError: failure(error)
        case is CancellationError: Failure(status: 500, message: "context canceled")
        default: Failure(status: 500, message: "\(error)")
        }
    }

    private static func failure(_ error: HTTPServerError) -> Failure {
        switch error {
        case .clientGone: Failure(status: 400, message: "the client closed the connection")
        case .bodyTimedOut: Failure(status: 408, message: "the request's body did not come in time")
        case .bodyTooLarge:
            Failure(status: 413, message: "the request's body is larger than \(Call.maximumBody) bytes")
        case .malformed(let error): Failure(status: error.status, message: error.reason)
        case .noSocket: Failure(status: 500, message: "the connection can't be taken over")
        }
    }

    static func status(_ code: EngineError.Code) -> Int {
        switch code {
        case .notModified: 304
        case .invalidParameter: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .notFound: 404
        case .conflict: 409
        case .tooLarge: 413
        case .system: 500
        case .notImplemented: 501
        case .unavailable: 503
        }
    }

    static func reply(_ failure: Failure) -> HTTPReply {
        if failure.status == 304 { return Reply.empty(304) }
        let message = JSONValue.object(JSONObject([(key: "message", value: .string(failure.message))]))
        return Reply.json(bytes: message.serialized(), status: failure.status)
    }
}
