// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import JSON
import Testing

@testable import EngineCore

@Suite struct RestartRuleTests {
    private func rule(
        _ name: String, _ most: Int = 0, count: Int = 0, byHand: Bool = false, last: Int64 = 0
    ) -> RestartRule {
        RestartRule(
            policy: RestartPolicy(name: name, maximumRetryCount: most), count: count,
            memory: RestartMemory(stoppedByHand: byHand, backOffMilliseconds: last))
    }

    @Test func startsWhatItsPolicySays() {
        #expect(rule("always").wants(exitCode: 0) && rule("always", byHand: true).wants(exitCode: 0))
        #expect(rule("unless-stopped").wants(exitCode: 0) && !rule("unless-stopped", byHand: true).wants(exitCode: 1))
        #expect(!rule("on-failure").wants(exitCode: 0) && rule("on-failure", count: 900).wants(exitCode: 1))
        #expect(
            rule("on-failure", 3, count: 2).wants(exitCode: 1) && !rule("on-failure", 3, count: 3).wants(exitCode: 1))
        #expect(!rule("no").wants(exitCode: 1) && !rule("").wants(exitCode: 1))
    }

    @Test func waitsTwiceAsLongEachTime() {
        var last: Int64 = 0
        let waits = (0..<12).map { _ in
            last = rule("always", last: last).delay(ranFor: 9)
            return last
        }
        #expect(waits == [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000])
        #expect(rule("always", last: 60_000).delay(ranFor: 10) == 100)
    }
}

@Suite struct HealthPlanTests {
    private func made(_ check: HealthConfig) -> HealthPlan? {
        var config = ContainerConfig()
        config.healthcheck = check
        return HealthPlan(config)
    }

    @Test func hasDockersDefaults() throws {
        let plan = try #require(made(HealthConfig(test: ["CMD-SHELL", "x y"])))
        #expect(plan.command == ["/bin/sh", "-c", "x y"])
        #expect([plan.interval, plan.timeout, plan.startPeriod, plan.startInterval] == [30_000, 30_000, 0, 5000])
        #expect(plan.retries == 3)
        #expect(made(HealthConfig(test: ["NONE"])) == nil && made(HealthConfig(test: [])) == nil)
    }

    @Test func failuresCountAfterTheStartPeriod() throws {
        let plan = try #require(made(HealthConfig(test: ["CMD", "x"], startPeriod: 10_000_000_000, retries: 2)))
        var health = Health(status: "starting", log: [])
        let start = Timestamp(seconds: 1000)
        func probe(_ second: Int64, _ code: Int) {
            let result = HealthcheckResult(start: Timestamp(seconds: 1000 + second), exitCode: code)
            plan.enter(result, into: &health, startedAt: start)
        }
        #expect(plan.pause(status: "starting", running: 9999) == 5000)
        #expect(plan.pause(status: "starting", running: 10_000) == 30_000)
        #expect(plan.pause(status: "healthy", running: 1) == 30_000)
        probe(1, 1)
        #expect(health.status == "starting" && health.failingStreak == 0)
        probe(11, 1)
        #expect(health.status == "starting" && health.failingStreak == 1)
        probe(12, -1)
        #expect(health.status == "unhealthy" && health.failingStreak == 2)
        probe(13, 0)
        #expect(health.status == "healthy" && health.failingStreak == 0)
        for second in 14..<20 { probe(Int64(second), 0) }
        #expect(health.log?.count == 5)
        #expect(health.log?.last?.start == Timestamp(seconds: 1019))
    }

    @Test(arguments: [
        (0, "0s"), (400, "400ms"), (1000, "1s"), (1500, "1.5s"), (90_000, "1m30s"), (60_000, "1m0s"),
        (3_600_000, "1h0m0s"), (3_661_020, "1h1m1.02s"),
    ])
    func timesAreGos(_ milliseconds: Int64, _ text: String) {
        #expect(GoDuration.text(milliseconds: milliseconds) == text)
    }
}

@Suite struct AlarmsTests {
    /// Called at its time; a replaced or cancelled one is not.
    @Test func callsBack() async {
        let alarms = Alarms()
        let (calls, continuation) = AsyncStream<String>.makeStream()
        let clock = Task { await alarms.run() }  // Cancelled at the end.
        alarms.set("a", .restart, after: .milliseconds(120)) { continuation.yield("a") }
        alarms.set("b", .restart, after: .milliseconds(40)) { continuation.yield("b, replaced") }
        alarms.set("b", .restart, after: .milliseconds(60)) { continuation.yield("b") }
        alarms.set("c", .restart, after: .milliseconds(30)) { continuation.yield("c, cancelled") }
        alarms.set("b", .healthCheck, after: .milliseconds(10)) { continuation.yield("b's other") }
        alarms.cancel("c", .restart)
        var heard: [String] = []
        for await call in calls {
            heard.append(call)
            if heard.count == 3 { break }
        }
        #expect(heard.sorted() == ["a", "b", "b's other"])
        clock.cancel()
        await clock.value
    }
}
