// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import EngineCore

/// How the daemon runs: the flags' and `daemon.json`'s settings, merged. Each says its name on the command line.
package struct Configuration: Sendable, Equatable {
    /// `--data-root`: images, containers, volumes, the database.
    package var dataRoot = "/var/lib/wharf"
    /// `--exec-root`: sockets and records of what runs; on a tmpfs.
    package var execRoot = "/run/wharf"
    /// `--host`, `-H`: `unix://PATH` or `fd://`; empty: the default sockets.
    package var hosts: [String] = []
    /// `--config-file`
    package var configFile = Configuration.defaultConfigFile
    /// `--pidfile`; nil: none is written.
    package var pidFile: String?
    /// `--group`: who may use the sockets, besides root.
    package var socketGroup = "docker"
    /// `--log-level`: debug, info, warn, error or fatal.
    package var logLevel = LogLevel.info
    /// `--log-file`; nil: standard error.
    package var logFile: String?
    /// `--cgroup-parent`
    package var cgroupParent = "/wharf"
    /// `--bridge`: the default bridge's interface; nil: `docker0` where free, else `wharf0`. `none`: no bridge network.
    package var bridge: String?
    /// `--bip`: its address and prefix.
    package var bridgeAddress: String?
    /// `--runtime-path`: `wharf-runtime`; nil: beside `wharfd`.
    package var runtimePath: String?
    /// `--log-driver`, `--log-opt`: of containers that say nothing.
    package var log = LogConfig(type: "json-file", config: [:])
    /// `--add-runtime NAME=PATH`, `--default-runtime`; `runtimes` and `default-runtime` in the file.
    package var runtimes = OCIRuntimes()
    /// `--fail-steps`, which no help names: see FailingSteps.swift.
    package var failingSteps: String?

    package static let defaultConfigFile = "/etc/wharf/daemon.json"

    package init() {}

    package enum LogLevel: String, Sendable, CaseIterable {
        case debug, info, warn, error, fatal
    }
}

/// A setting that can't be used: which, why, and what it must be.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
