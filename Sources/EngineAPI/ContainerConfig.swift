// SPDX-License-Identifier: Apache-2.0

/// What a container runs and how it was asked for: the part of it that can be moved between hosts and into an image.
package struct ContainerConfig: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var hostname: String
    @Zero package var domainname: String
    @Zero package var user: String
    @Zero package var attachStdin: Bool
    @Zero package var attachStdout: Bool
    @Zero package var attachStderr: Bool
    package var exposedPorts: [PortSpec: EmptyObject]?
    @Zero package var tty: Bool
    @Zero package var openStdin: Bool
    @Zero package var stdinOnce: Bool
    /// `NAME=value`; an entry without `=` takes NAME away.
    @Nullable package var env: [String]?
    @StringList package var cmd: [String]?
    package var healthcheck: HealthConfig?
    package var argsEscaped: Bool?
    /// As the user named it.
    @Zero package var image: String
    @Nullable package var volumes: [String: EmptyObject]?
    @Zero package var workingDir: String
    @StringList package var entrypoint: [String]?
    package var networkDisabled: Bool?
    /// Before API 1.44; since then in EndpointSettings.
    package var macAddress: String?
    package var onBuild: [String]?
    @Nullable package var labels: [String: String]?
    package var stopSignal: String?
    /// Seconds.
    package var stopTimeout: Int?
    package var shell: [String]?

    package init() {}

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case hostname = "Hostname"
        case domainname = "Domainname"
        case user = "User"
        case attachStdin = "AttachStdin"
        case attachStdout = "AttachStdout"
        case attachStderr = "AttachStderr"
        case exposedPorts = "ExposedPorts"
        case tty = "Tty"
        case openStdin = "OpenStdin"
        case stdinOnce = "StdinOnce"
        case env = "Env"
        case cmd = "Cmd"
        case healthcheck = "Healthcheck"
        case argsEscaped = "ArgsEscaped"
        case image = "Image"
        case volumes = "Volumes"
        case workingDir = "WorkingDir"
        case entrypoint = "Entrypoint"
        case networkDisabled = "NetworkDisabled"
        case macAddress = "MacAddress"
        case onBuild = "OnBuild"
        case labels = "Labels"
        case stopSignal = "StopSignal"
        case stopTimeout = "StopTimeout"
        case shell = "Shell"
    }
}

/// A health check: `Test` is `[]` (inherit), `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", line]`.
package struct HealthConfig: Codable, Sendable, Equatable, ZeroValue {
    package var test: [String]?
    /// Nanoseconds, as the other times here.
    package var interval: Int64?
    package var timeout: Int64?
    package var startPeriod: Int64?
    package var startInterval: Int64?
    package var retries: Int?

    package init() {}

    package init(
        test: [String]? = nil,
        interval: Int64? = nil,
        timeout: Int64? = nil,
        startPeriod: Int64? = nil,
        startInterval: Int64? = nil,
        retries: Int? = nil
    ) {
        self.test = test
        self.interval = interval
        self.timeout = timeout
        self.startPeriod = startPeriod
        self.startInterval = startInterval
        self.retries = retries
    }

    package enum CodingKeys: String, CodingKey {
        case test = "Test"
        case interval = "Interval"
        case timeout = "Timeout"
        case startPeriod = "StartPeriod"
        case startInterval = "StartInterval"
        case retries = "Retries"
    }
}
