// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// The namespaces that a container may share: `host`, `container:X` and a few words of their own.
enum NamespaceModes {
    /// X of `container:X`.
    static func target(_ mode: String) -> String? {
        mode.hasPrefix("container:") ? String(mode.dropFirst("container:".utf8.count)) : nil
    }

    /// Pure. With Docker's texts.
    static func check(_ config: ContainerConfig, _ host: HostConfig) throws(EngineError) {
        func invalid(_ what: String) -> EngineError { EngineError(.invalidParameter, what) }
        if host.networkMode == "container" || target(host.networkMode) != nil { try checkShared(config, host) }
        if host.utsMode == "host", !config.hostname.isEmpty {
            throw invalid("conflicting options: hostname and the UTS mode")
        }
        let isIpc =
            ["", "none", "private", "host", "shareable"].contains(host.ipcMode)
            || target(host.ipcMode)?.isEmpty == false
        guard isIpc else { throw invalid("invalid IPC mode: \(host.ipcMode)") }
        guard ["", "host"].contains(host.pidMode) || target(host.pidMode)?.isEmpty == false else {
            throw invalid("invalid PID mode: \(host.pidMode)")
        }
        guard ["", "host"].contains(host.utsMode) else { throw invalid("invalid UTS mode: \(host.utsMode)") }
        guard ["", "host"].contains(host.usernsMode) else { throw invalid("invalid userns mode: \(host.usernsMode)") }
        guard ["", "host", "private"].contains(host.cgroupnsMode) else {
            throw invalid("invalid cgroup namespace mode: \(host.cgroupnsMode)")
        }
    }

    /// What belongs to a network of one's own does not go with another container's.
    private static func checkShared(_ config: ContainerConfig, _ host: HostConfig) throws(EngineError) {
        func conflict(_ what: String) -> EngineError {
            EngineError(.invalidParameter, "conflicting options: \(what) and the network mode")
        }
        guard target(host.networkMode)?.isEmpty == false else {
            throw EngineError(
                .invalidParameter, "invalid network mode: invalid container format container:<name|id>")
        }
        if !config.hostname.isEmpty { throw conflict("hostname") }
        if !(host.links ?? []).isEmpty {
            throw EngineError(
                .invalidParameter,
                "conflicting options: container type network can't be used with links. This would result in undefined behavior"
            )
        }
        if !(host.dns ?? []).isEmpty { throw conflict("dns") }
        if !(host.extraHosts ?? []).isEmpty { throw conflict("custom host-to-IP mapping") }
        if !(host.portBindings ?? [:]).isEmpty || host.publishAllPorts {
            throw EngineError(
                .invalidParameter,
                "conflicting options: port publishing and the container type network mode")
        }
        if !(config.exposedPorts ?? [:]).isEmpty {
            throw EngineError(
                .invalidParameter, "conflicting options: port exposing and the container type network mode")
        }
    }

    /// Puts ids in place of names, so that a container that is renamed stays the one that is meant.
    ///
    /// One that is not there is an error now, but for the network's, which is looked for at the start, as in Docker.
    static func resolve(_ host: inout HostConfig, in table: ContainerTable) throws(EngineError) {
        // Not 404: a client would take the image for what is missing, and fetch it.
        func id(_ ref: String) throws(EngineError) -> String {
            do throws(EngineError) { return try table.find(ref).record.id } catch {
                throw EngineError(.invalidParameter, error.message)
            }
        }
        if let ref = target(host.pidMode) { host.pidMode = "container:\(try id(ref))" }
        if let ref = target(host.ipcMode) { host.ipcMode = "container:\(try id(ref))" }
        if let ref = target(host.networkMode), let id = try? table.find(ref).record.id {
            host.networkMode = "container:\(id)"
        }
    }
}
