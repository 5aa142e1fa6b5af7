// SPDX-License-Identifier: Apache-2.0

/// The body of `POST /containers/{id}/exec`.
package struct ExecCreateRequest: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var user: String
    @Zero package var privileged: Bool
    @Zero package var tty: Bool
    package var consoleSize: ConsoleSize?
    @Zero package var attachStdin: Bool
    @Zero package var attachStderr: Bool
    @Zero package var attachStdout: Bool
    @Zero package var detach: Bool
    @Zero package var detachKeys: String
    @Nullable package var env: [String]?
    @Zero package var workingDir: String
    @StringList package var cmd: [String]?

    package init() {}

    package init(
        user: String,
        privileged: Bool = .init(),
        tty: Bool = .init(),
        consoleSize: ConsoleSize? = nil,
        attachStdin: Bool = .init(),
        attachStderr: Bool = .init(),
        attachStdout: Bool = .init(),
        detach: Bool = .init(),
        detachKeys: String = .init(),
        env: [String]? = nil,
        workingDir: String = .init(),
        cmd: [String]? = nil
    ) {
        self.user = user
        self.privileged = privileged
        self.tty = tty
        self.consoleSize = consoleSize
        self.attachStdin = attachStdin
        self.attachStderr = attachStderr
        self.attachStdout = attachStdout
        self.detach = detach
        self.detachKeys = detachKeys
        self.env = env
        self.workingDir = workingDir
        self.cmd = cmd
    }

    package enum CodingKeys: String, CodingKey {
        case user = "User"
        case privileged = "Privileged"
        case tty = "Tty"
        case consoleSize = "ConsoleSize"
        case attachStdin = "AttachStdin"
        case attachStderr = "AttachStderr"
        case attachStdout = "AttachStdout"
        case detach = "Detach"
        case detachKeys = "DetachKeys"
        case env = "Env"
        case workingDir = "WorkingDir"
        case cmd = "Cmd"
    }
}

/// The body of `POST /exec/{id}/start`.
package struct ExecStartRequest: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var detach: Bool
    @Zero package var tty: Bool
    package var consoleSize: ConsoleSize?

    package init() {}

    package init(detach: Bool, tty: Bool = .init(), consoleSize: ConsoleSize? = nil) {
        self.detach = detach
        self.tty = tty
        self.consoleSize = consoleSize
    }

    package enum CodingKeys: String, CodingKey {
        case detach = "Detach"
        case tty = "Tty"
        case consoleSize = "ConsoleSize"
    }
}

/// The answer of `GET /exec/{id}/json`.
package struct ExecInspect: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String
    @Zero package var running: Bool
    @Nullable package var exitCode: Int?
    @Zero package var processConfig: ExecProcessConfig
    @Zero package var openStdin: Bool
    @Zero package var openStderr: Bool
    @Zero package var openStdout: Bool
    @Zero package var canRemove: Bool
    @Zero package var containerID: String
    @Zero package var detachKeys: String
    @Zero package var pid: Int

    package init() {}

    package init(
        id: String,
        running: Bool = .init(),
        exitCode: Int? = nil,
        processConfig: ExecProcessConfig = .init(),
        openStdin: Bool = .init(),
        openStderr: Bool = .init(),
        openStdout: Bool = .init(),
        canRemove: Bool = .init(),
        containerID: String = .init(),
        detachKeys: String = .init(),
        pid: Int = .init()
    ) {
        self.id = id
        self.running = running
        self.exitCode = exitCode
        self.processConfig = processConfig
        self.openStdin = openStdin
        self.openStderr = openStderr
        self.openStdout = openStdout
        self.canRemove = canRemove
        self.containerID = containerID
        self.detachKeys = detachKeys
        self.pid = pid
    }

    package enum CodingKeys: String, CodingKey {
        case id = "ID"
        case running = "Running"
        case exitCode = "ExitCode"
        case processConfig = "ProcessConfig"
        case openStdin = "OpenStdin"
        case openStderr = "OpenStderr"
        case openStdout = "OpenStdout"
        case canRemove = "CanRemove"
        case containerID = "ContainerID"
        case detachKeys = "DetachKeys"
        case pid = "Pid"
    }
}

/// What an exec runs.
package struct ExecProcessConfig: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var tty: Bool
    @Zero package var entrypoint: String
    @Zero package var arguments: [String]
    package var privileged: Bool?
    package var user: String?

    package init() {}

    package init(
        tty: Bool,
        entrypoint: String = .init(),
        arguments: [String] = .init(),
        privileged: Bool? = nil,
        user: String? = nil
    ) {
        self.tty = tty
        self.entrypoint = entrypoint
        self.arguments = arguments
        self.privileged = privileged
        self.user = user
    }
}
