// SPDX-License-Identifier: Apache-2.0

internal import OCI
internal import OCIRuntime

/// `resume ID`: lets the processes of a paused container go on.
enum Resume {
    static let command = Command("resume", "ID", "let the processes of a paused container go on") {
        (context, options) throws(RuntimeError) in
        let id = try options.containerID("resume")
        guard try context.store.status(try context.store.load(id)) == .paused else {
            throw RuntimeError(.invalid, "container not paused")
        }
        try context.store.container(id).setFrozen(false)
        return 0
    }
}
