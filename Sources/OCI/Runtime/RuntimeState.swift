// SPDX-License-Identifier: Apache-2.0

/// What `state` prints, and what hooks read on their standard input (runtime.md#state).
public struct RuntimeState: Codable, Sendable, Equatable {
    public var ociVersion: String
    public var id: String
    public var status: Status
    /// On the host; absent once stopped.
    public var pid: Int32?
    /// Absolute.
    public var bundle: String
    public var annotations: [String: String]?

    public init(ociVersion: String, id: String, status: Status, pid: Int32?, bundle: String) {
        self.ociVersion = ociVersion
        self.id = id
        self.status = status
        self.pid = pid
        self.bundle = bundle
    }

    /// The phases of runtime.md#lifecycle, and `paused`, which runc added.
    public enum Status: String, Codable, Sendable {
        case creating, created, running, stopped, paused
    }
}
