// SPDX-License-Identifier: Apache-2.0

import Testing

/// Scripts refuse what they don't know: one that took `--help` for a file's name once wrote to it.
@Suite struct ScriptTests {
    @Test(
        arguments: [
            "Scripts/demo", "Scripts/install-dependencies", "Scripts/install-test-clients", "Scripts/make-image",
            "Scripts/reduce-transcripts", "Scripts/run-tests", "Scripts/tidy", "Bench/run", ".ci/run",
        ], ["--help", "--no-such-flag"])
    func unknownFlagsAreRefused(script: String, flag: String) throws {
        let outcome = try run([Project.root + "/" + script, flag], timeout: 5)
        #expect(outcome.status == 1 || outcome.status == 2, "\(outcome)")
        #expect(!outcome.stderr.isEmpty && outcome.stdout.isEmpty, "\(outcome)")
        for folder in [Project.root, "."] { #expect(readFile("\(folder)/\(flag)") == nil) }
    }
}
