// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Shim

/// What is remembered between two runs of a container that is started again.
struct RestartMemory: Codable, Sendable, Equatable {
    /// Somebody has stopped or signalled it since it was last started by hand.
    var stoppedByHand = false
    /// How long the last restart waited; 0: none did.
    var backOffMilliseconds: Int64 = 0
}

/// Whether a container that has ended is started again, and when: Docker's rule. Pure.
struct RestartRule {
    static let firstDelay: Int64 = 100
    static let longestDelay: Int64 = 60_000
    /// Seconds: who ran so long begins with the first delay again.
    static let recovery: Int64 = 10

    let policy: RestartPolicy
    /// How often it was started again so far.
    let count: Int
    let memory: RestartMemory

    /// Whether it is started again after this end, if nobody forbids it.
    func wants(exitCode: Int) -> Bool {
        switch policy.name {
        case "always": true
        case "unless-stopped": !memory.stoppedByHand
        case "on-failure":
            exitCode != 0 && (policy.maximumRetryCount == 0 || count < policy.maximumRetryCount)
        default: false
        }
    }

    /// Milliseconds to wait before the next start, of a container that ran for `seconds`.
    func delay(ranFor seconds: Int64) -> Int64 {
        let last = seconds >= Self.recovery ? 0 : memory.backOffMilliseconds
        return last == 0 ? Self.firstDelay : min(last * 2, Self.longestDelay)
    }

    /// Whether a daemon that starts finds it stopped and starts it. By Docker's documentation, `on-failure` is about
    /// ends and not about daemons.
    func wantsAtDaemonStart() -> Bool {
        switch policy.name {
        case "always": true
        case "unless-stopped": !memory.stoppedByHand
        default: false
        }
    }
}

extension RestartPolicy {
    var isNone: Bool { name.isEmpty || name == "no" }
}

extension ContainerRecord {
    var restartRule: RestartRule {
        RestartRule(policy: hostConfig.restartPolicy, count: restartCount, memory: restart ?? RestartMemory())
    }

    /// The process has ended; with a delay the container is to be started again after so many milliseconds.
    mutating func end(_ exit: ExitRecord, restartingIn delay: Int64?) {
        state.end(exit)
        guard let delay else { return }
        state.status = "restarting"
        // As with Docker: for `rm`, `ps` and `wait` it still runs.
        state.running = true
        state.restarting = true
        restartCount += 1
        restart = RestartMemory(stoppedByHand: restart?.stoppedByHand ?? false, backOffMilliseconds: delay)
    }
}
