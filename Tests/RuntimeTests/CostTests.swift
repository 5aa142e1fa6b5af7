// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// What the program costs, in counts, never in time. The bound is what was measured and some room.
@Suite struct CostTests {
    /// Page faults of a command and of all that it waits for.
    private func faults(_ arguments: [String]) throws -> Int {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, arguments[0], &actions, nil, &words, environ) == 0 else {
            throw Failure(text: "can't start \(arguments[0])")
        }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
        guard status == 0 else { throw Failure(text: "\(arguments) ended with \(status)") }
        return usage.ru_minflt
    }

    /// 375; 452 with `Codable` and a first execution that came as far as the C library. The floor in C has 152. (How
    /// many pages one fault brings depends on how the page cache holds the program's file: 10 or so more or less.)
    @Test func runTouchesFewPages() throws {
        let bundle = try TestBundle("true")
        try bundle.writeConfiguration()
        let command = [
            TestBundle.program, "--root", "\(bundle.path)/state", "run", "--bundle", bundle.path, bundle.id,
        ]
        #expect(try (0..<3).map { _ in try faults(command) }.min() ?? .max <= 430)
    }
}
