// SPDX-License-Identifier: Apache-2.0

package import JSON

/// One line of a progress stream (load, pull, push, build, import).
package struct ProgressMessage: Codable, Sendable, Equatable, ZeroValue {
    package var stream: String?
    package var status: String?
    package var progressDetail: ProgressDetail?
    package var id: String?
    package var progress: String?
    package var error: String?
    package var errorDetail: ErrorDetail?
    package var aux: JSONValue?

    package init() {}

    package init(
        stream: String? = nil,
        status: String? = nil,
        progressDetail: ProgressDetail? = nil,
        id: String? = nil,
        progress: String? = nil,
        error: String? = nil,
        errorDetail: ErrorDetail? = nil,
        aux: JSONValue? = nil
    ) {
        self.stream = stream
        self.status = status
        self.progressDetail = progressDetail
        self.id = id
        self.progress = progress
        self.error = error
        self.errorDetail = errorDetail
        self.aux = aux
    }
}

/// How far.
package struct ProgressDetail: Codable, Sendable, Equatable, ZeroValue {
    package var current: Int64?
    package var total: Int64?

    package init() {}

    package init(current: Int64? = nil, total: Int64? = nil) {
        self.current = current
        self.total = total
    }
}

/// What went wrong, in a stream that had begun with 200.
package struct ErrorDetail: Codable, Sendable, Equatable, ZeroValue {
    package var code: Int?
    @Zero package var message: String

    package init() {}

    package init(code: Int?, message: String = .init()) {
        self.code = code
        self.message = message
    }
}
