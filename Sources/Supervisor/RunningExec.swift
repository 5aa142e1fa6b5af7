// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import Shim

/// A process that `exec` started, with its streams.
final class RunningExec {
    let id: String
    let pid: Int32
    let pidfd: SharedDescriptor
    let stdio: Stdio
    /// nil without a terminal.
    let terminal: SharedDescriptor?
    var hasExited = false
    /// The daemon has been told of its end.
    var isTold = false
    /// Kills it when its time is over.
    var limit: EventLoop.Timer?
    var hasTimedOut = false

    init(id: String, pid: Int32, pidfd: SharedDescriptor, stdio: Stdio, terminal: SharedDescriptor?) {
        self.id = id
        self.pid = pid
        self.pidfd = pidfd
        self.stdio = stdio
        self.terminal = terminal
    }
}
