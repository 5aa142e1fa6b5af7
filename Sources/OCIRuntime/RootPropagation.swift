// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// `linux.rootfsPropagation`: how mounts travel between the container's root and the host's.
struct RootPropagation: Equatable {
    /// While the root is made. A shared one can't be pivoted to, and what could not be bound could not be masked.
    let atFirst: Propagation
    /// In the end; nil: as at first.
    let atLast: Propagation?

    init(_ name: String?) throws(RuntimeError) {
        switch name ?? "" {
        case "", "private", "rprivate": (atFirst, atLast) = (.private, nil)
        case "slave", "rslave": (atFirst, atLast) = (.slave, nil)
        case "shared", "rshared": (atFirst, atLast) = (.slave, .shared)
        case "unbindable", "runbindable": (atFirst, atLast) = (.private, .unbindable)
        case let name:
            throw RuntimeError(
                .invalid,
                "linux.rootfsPropagation: \"\(name)\" must be one of private, shared, slave, unbindable")
        }
    }

    /// Mounts of host paths that are to be shared with the host are its own peers.
    var sharesWithHost: Bool { atLast == .shared }
}
