// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Where a container is in its life.
package struct ContainerState: Codable, Sendable, Equatable, ZeroValue {
    /// Created, running, paused, restarting, removing, exited, dead.
    @Zero package var status: String
    @Zero package var running: Bool
    @Zero package var paused: Bool
    @Zero package var restarting: Bool
    @Zero package var oomKilled: Bool
    @Zero package var dead: Bool
    @Zero package var pid: Int
    @Zero package var exitCode: Int
    @Zero package var error: String
    @Zero package var startedAt: Timestamp
    @Zero package var finishedAt: Timestamp
    package var health: Health?

    package init() {}

    package init(
        status: String,
        running: Bool = .init(),
        paused: Bool = .init(),
        restarting: Bool = .init(),
        oomKilled: Bool = .init(),
        dead: Bool = .init(),
        pid: Int = .init(),
        exitCode: Int = .init(),
        error: String = .init(),
        startedAt: Timestamp = .init(),
        finishedAt: Timestamp = .init(),
        health: Health? = nil
    ) {
        self.status = status
        self.running = running
        self.paused = paused
        self.restarting = restarting
        self.oomKilled = oomKilled
        self.dead = dead
        self.pid = pid
        self.exitCode = exitCode
        self.error = error
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.health = health
    }

    package enum CodingKeys: String, CodingKey {
        case status = "Status"
        case running = "Running"
        case paused = "Paused"
        case restarting = "Restarting"
        case oomKilled = "OOMKilled"
        case dead = "Dead"
        case pid = "Pid"
        case exitCode = "ExitCode"
        case error = "Error"
        case startedAt = "StartedAt"
        case finishedAt = "FinishedAt"
        case health = "Health"
    }
}

/// What the health check says.
package struct Health: Codable, Sendable, Equatable, ZeroValue {
    /// None, starting, healthy, unhealthy.
    @Zero package var status: String
    @Zero package var failingStreak: Int
    @Nullable package var log: [HealthcheckResult]?

    package init() {}

    package init(status: String, failingStreak: Int = .init(), log: [HealthcheckResult]? = nil) {
        self.status = status
        self.failingStreak = failingStreak
        self.log = log
    }

    package enum CodingKeys: String, CodingKey {
        case status = "Status"
        case failingStreak = "FailingStreak"
        case log = "Log"
    }
}

/// One run of a health check.
package struct HealthcheckResult: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var start: Timestamp
    @Zero package var end: Timestamp
    @Zero package var exitCode: Int
    @Zero package var output: String

    package init() {}

    package init(start: Timestamp, end: Timestamp = .init(), exitCode: Int = .init(), output: String = .init()) {
        self.start = start
        self.end = end
        self.exitCode = exitCode
        self.output = output
    }

    package enum CodingKeys: String, CodingKey {
        case start = "Start"
        case end = "End"
        case exitCode = "ExitCode"
        case output = "Output"
    }
}
