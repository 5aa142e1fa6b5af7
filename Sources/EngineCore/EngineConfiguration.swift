// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import Linux

/// Where an engine keeps what, and what it is called.
package struct EngineConfiguration: Sendable {
    /// `/var/lib/wharf`
    package var dataRoot: String
    /// `/run/wharf`
    package var execRoot: String
    /// `/wharf`: the control group that containers' groups are in.
    package var cgroupParent: String
    package var version: String
    package var debug: Bool
    /// Of containers that say nothing.
    package var log = LogConfig(type: "json-file", config: [:])
    package var runtimes = OCIRuntimes()
    package var stepObserver: StepObserver?

    package init(dataRoot: String, execRoot: String, cgroupParent: String, version: String, debug: Bool = false) {
        self.dataRoot = dataRoot
        self.execRoot = execRoot
        self.cgroupParent = cgroupParent
        self.version = version
        self.debug = debug
    }

    /// A container's own files: log, hostname, hosts, resolv.conf; its writable layer is the image store's.
    func directory(_ id: String) -> String { "\(dataRoot)/containers/\(id)" }

    /// Where its hostname, hosts and resolv.conf are: with another's network, they are the other's.
    func filesDirectory(_ record: ContainerRecord) -> String {
        directory(record.filesOwner ?? record.id)
    }

    /// A container's run directory: shim socket, configuration, exit record.
    func runDirectory(_ id: String) -> String { "\(execRoot)/containers/\(id)" }

    /// Where a container's output goes; nil: nowhere.
    func logPath(_ record: ContainerRecord) -> String? {
        switch LogDriver.Kind(rawValue: record.hostConfig.logConfig.type) {
        case .jsonFile: "\(directory(record.id))/\(record.id)-json.log"
        case .local: "\(localLogDirectory(record.id))/container.log"
        case .some(.none), nil: nil
        }
    }

    func localLogDirectory(_ id: String) -> String { "\(directory(id))/local-logs" }

    func cgroupPath(_ id: String) -> String { "\(cgroupParent)/\(id)" }

    /// Where `--cgroup-parent` says, from each hierarchy's root.
    func cgroupPath(of record: ContainerRecord) -> String {
        let parent = record.hostConfig.cgroupParent
        return parent.isEmpty ? cgroupPath(record.id) : PathText.clean("/\(parent)/\(record.id)")
    }

    var seccompCache: String { "\(dataRoot)/seccomp" }

    /// Where containers' network namespaces have names: links to /proc, for people and tools.
    var namespaceDirectory: String { "\(execRoot)/netns" }
}
