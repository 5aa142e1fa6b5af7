// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import Shim
import Testing

/// What a supervisor keeps for itself while its container runs and nothing happens.
@Suite struct MemoryTests {
    /// kB of pages of its own; those of the sealed file it runs from are shared between supervisors.
    private func ownMemory(_ pid: Int32) throws -> Int {
        let bytes = try FileDescriptor.open("/proc/\(pid)/smaps_rollup", O_RDONLY).readAll(limit: 1 << 16)
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("Anonymous:") {
            if let number = line.split(separator: " ").dropFirst().first { return Int(number) ?? .max }
        }
        return .max
    }

    /// 245 kB; 385 when it read its messages with `Codable` and kept what its stack had grown to.
    @Test func anIdleSupervisorIsSmall() async throws {
        let fixture = try ShimFixture(["sleep", "100"])
        try await fixture.start()
        guard case .state(let state) = try await fixture.connection.send(.state) else {
            throw Errno(.invalidArgument, "state")
        }
        var size = Int.max
        // It gives memory back when nothing has happened for a second.
        for _ in 0..<100 where size > 300 {
            try await Task.sleep(nanoseconds: 100_000_000)
            size = try ownMemory(state.shimPid)
        }
        #expect(size <= 300)
        try await fixture.connection.send(.signal(SignalRequest(signal: SIGKILL)))
        _ = try await fixture.exit()
    }
}
