// SPDX-License-Identifier: Apache-2.0

package import Linux

/// What the daemon's flags and daemon.json say about networks.
package struct NetworkConfiguration: Sendable {
    /// `--bridge`: an existing bridge's name to use as the default network, `none` for no default network; nil: Wharf
    /// makes its own, `docker0` where that name is free, else `wharf0`.
    package var bridge: String?
    /// `--bip`: the default bridge's address with its prefix, `10.9.0.1/24`; nil: the first free default pool.
    package var bridgeAddress: String?
    /// `--exec-root`: where netd's socket and state are.
    package var execRoot: String
    /// The `wharf-runtime` that netd runs from.
    package var runtime: String
    /// Bytes; of the bridges and the containers' interfaces.
    package var mtu: Int = 1500
    package var stepObserver: StepObserver?

    package init(execRoot: String, runtime: String) {
        self.execRoot = execRoot
        self.runtime = runtime
    }
}
