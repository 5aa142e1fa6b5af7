// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import Shim

/// Where a container is in its life. Transitional phases belong to whoever set them; everybody else waits for the next
/// settled one, and looks again after every `await`.
///
///     created ─▶ starting ─▶ running ⇄ paused
///        ▲           │          │
///        └───────────┘          ▼
///     exited ◀───────────── exiting          created, exited ─▶ removing ─▶ removed
///        ▲                      │
///        └───── restarting ◀────┘            restarting ─▶ starting
enum Phase: Sendable {
    /// Never started, or the first start failed.
    case created
    /// `start` is at work.
    case starting
    case running(Running)
    case paused(Running)
    /// The process is gone; its resources are being given back.
    case exiting
    /// It has ended and is started again when its back-off is over.
    case restarting
    case exited
    /// `remove` is at work.
    case removing
    case removed

    /// Whether somebody is at work who will set another phase.
    var isTransitional: Bool {
        switch self {
        case .starting, .exiting, .removing: true
        case .created, .running, .paused, .restarting, .exited, .removed: false
        }
    }

    /// The shim of a container that runs, frozen or not.
    var running: Running? {
        switch self {
        case .running(let running), .paused(let running): running
        default: nil
        }
    }

    /// Whether going from this phase to `next` is a step of the diagram.
    func allows(_ next: Phase) -> Bool {
        switch (self, next) {
        case (.created, .starting), (.exited, .starting), (.starting, .running), (.starting, .created),
            (.starting, .exited), (.starting, .exiting), (.running, .paused), (.paused, .running), (.running, .exiting),
            (.paused, .exiting), (.exiting, .exited), (.exiting, .restarting), (.restarting, .starting),
            (.restarting, .exited), (.created, .removing), (.exited, .removing),
            (.removing, .removed),
            (.removing, .created), (.removing, .exited):
            true
        default: false
        }
    }
}

/// A container whose process lives.
struct Running: Sendable {
    var shim: ShimConnection
    var pid: Int32
    var startedAt: Timestamp
}
