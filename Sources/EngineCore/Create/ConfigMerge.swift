// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

extension ContainerConfig {
    /// Fills in from the image what the request leaves out, by Docker's rules.
    mutating func merge(image: ContainerConfig) throws(EngineError) {
        if user.isEmpty { user = image.user }
        if let ports = image.exposedPorts, !ports.isEmpty {
            exposedPorts = (exposedPorts ?? [:]).merging(ports) { own, _ in own }
        }
        mergeEnvironment(image.env ?? [])
        labels = (image.labels ?? [:]).merging(labels ?? [:]) { _, own in own }
        mergeCommand(image)
        if workingDir.isEmpty { workingDir = image.workingDir }
        if let volumes = image.volumes, !volumes.isEmpty {
            self.volumes = (self.volumes ?? [:]).merging(volumes) { own, _ in own }
        }
        if self.volumes?.isEmpty == true { self.volumes = nil }
        if stopSignal ?? "" == "" { stopSignal = image.stopSignal }
        mergeHealthcheck(image.healthcheck)
        if entrypoint == [""] { entrypoint = nil }
        if (entrypoint ?? []).isEmpty, (cmd ?? []).isEmpty {
            throw EngineError(.invalidParameter, "no command specified")
        }
    }

    /// The request's own first, then those of the image that it does not set.
    private mutating func mergeEnvironment(_ inherited: [String]) {
        var own = env ?? []
        let names = Set(own.map(Self.variableName))
        for entry in inherited where !names.contains(Self.variableName(entry)) { own.append(entry) }
        env = own
    }

    private mutating func mergeHealthcheck(_ inherited: HealthConfig?) {
        guard let inherited else { return }
        guard var own = healthcheck else {
            healthcheck = inherited
            return
        }
        if (own.test ?? []).isEmpty { own.test = inherited.test }
        if own.interval ?? 0 == 0 { own.interval = inherited.interval }
        if own.timeout ?? 0 == 0 { own.timeout = inherited.timeout }
        if own.startPeriod ?? 0 == 0 { own.startPeriod = inherited.startPeriod }
        if own.startInterval ?? 0 == 0 { own.startInterval = inherited.startInterval }
        if own.retries ?? 0 == 0 { own.retries = inherited.retries }
        healthcheck = own
    }

    /// An entrypoint of its own takes the image's command away too.
    private mutating func mergeCommand(_ image: ContainerConfig) {
        guard (entrypoint ?? []).isEmpty else { return }
        if (cmd ?? []).isEmpty { cmd = image.cmd }
        if entrypoint == nil { entrypoint = image.entrypoint }
    }

    static func variableName(_ entry: String) -> Substring {
        entry.prefix { $0 != "=" }
    }

    /// The program and its arguments: entrypoint, then command.
    var commandLine: [String] { (entrypoint ?? []) + (cmd ?? []) }
}
