// SPDX-License-Identifier: Apache-2.0

internal import OCI
internal import OCIRuntime

/// `pause ID`: freezes every process of a container.
enum Pause {
    static let command = Command("pause", "ID", "freeze every process of a container") {
        (context, options) throws(RuntimeError) in
        let id = try options.containerID("pause")
        let status = try context.store.status(try context.store.load(id))
        guard status == .running || status == .created else {
            throw RuntimeError(.invalid, "container not running or created: \(status.rawValue)")
        }
        try context.store.container(id).setFrozen(true)
        return 0
    }
}
