// SPDX-License-Identifier: Apache-2.0

/// The bounds of one message's head and framing.
package enum HTTPLimits {
    /// The request or status line and all header fields together.
    package static let headBytes = 256 << 10
    package static let headerFields = 128
    /// The line before a chunk, extensions included.
    package static let chunkLine = 1024
    /// All trailer fields of a chunked body.
    package static let trailerBytes = 8 << 10
}

/// A message that is not HTTP/1.1, or is more than we take: the status to answer with, and why.
package struct HTTPParseError: Error, Equatable, CustomStringConvertible {
    package var status: Int
    package var reason: String

    package init(_ status: Int = 400, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    package var description: String { reason }
}

/// How a message's body ends.
package enum HTTPFraming: Sendable, Equatable {
    case none
    case length(UInt64)
    case chunked
    /// With the connection: responses only.
    case untilClose
}

/// A request's line and header fields.
package struct HTTPRequestHead: Sendable, Equatable {
    package var method: String
    /// As it came: still percent-encoded, with its query.
    package var target: String
    /// 0 or 1, of HTTP/1.
    package var minorVersion: Int
    package var headers: HTTPHeaders

    package init(method: String, target: String, minorVersion: Int = 1, headers: HTTPHeaders = [:]) {
        self.method = method
        self.target = target
        self.minorVersion = minorVersion
        self.headers = headers
    }

    /// Whether the client asks for another protocol (`Connection: Upgrade` and `Upgrade: …`).
    package var upgrade: String? {
        headers.contains("Connection", token: "Upgrade") ? headers["Upgrade"] : nil
    }

    /// Whether the connection goes on after the response.
    package var keepsAlive: Bool {
        if headers.contains("Connection", token: "close") { return false }
        return minorVersion == 1 || headers.contains("Connection", token: "keep-alive")
    }

    package func serialized() -> [UInt8] {
        var bytes = Array("\(method) \(target) HTTP/1.\(minorVersion)\r\n".utf8)
        headers.write(to: &bytes)
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }
}

/// A response's status line and header fields.
package struct HTTPResponseHead: Sendable, Equatable {
    package var status: Int
    package var reason: String
    package var minorVersion: Int
    package var headers: HTTPHeaders

    package init(status: Int, reason: String? = nil, minorVersion: Int = 1, headers: HTTPHeaders = [:]) {
        self.status = status
        self.reason = reason ?? Self.reason(status)
        self.minorVersion = minorVersion
        self.headers = headers
    }

    package func serialized() -> [UInt8] {
        var bytes = Array("HTTP/1.\(minorVersion) \(status) \(reason)\r\n".utf8)
        headers.write(to: &bytes)
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    /// The phrase of RFC 9110 for a status.
    package static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 101: "UPGRADED"
        case 200: "OK"
        case 201: "Created"
        case 204: "No Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Request Entity Too Large"
        case 417: "Expectation Failed"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status \(status)"
        }
    }
}
