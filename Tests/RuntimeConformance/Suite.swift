// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What came of a case.
enum Verdict: Equatable {
    case passed
    case failed(expected: String, came: String)
    /// This machine, or this runtime's lack of something optional, does not let it be seen.
    case unseen(String)
}

struct Result {
    let test: Case
    let verdict: Verdict
}

/// Runs cases one after the other, each in a box of its own, and holds the runtime to leaving nothing behind.
struct Suite {
    let runtime: String

    func run(_ test: Case) throws -> Result {
        let before = try Host.snapshot()
        let box = try Box(runtime: runtime)
        var verdict = self.verdict(test, box)
        box.remove()
        let left = try remains(before)
        if verdict == .passed, !left.isEmpty {
            verdict = .failed(expected: "nothing is left of the container", came: left.joined(separator: "; "))
        }
        return Result(test: test, verdict: verdict)
    }

    private func verdict(_ test: Case, _ box: Box) -> Verdict {
        do {
            try test.body(box)
            return .passed
        } catch let mismatch as Mismatch {
            return .failed(expected: mismatch.expected, came: mismatch.came)
        } catch let unavailable as Unavailable {
            return .unseen(unavailable.reason)
        } catch {
            return .failed(expected: "the case can be carried out", came: "\(error)")
        }
    }

    /// A cgroup may take a moment to empty.
    private func remains(_ before: [String]) throws -> [String] {
        var left: [String] = []
        for _ in 0..<100 {
            left = try Host.snapshot().filter { !before.contains($0) }
            if left.isEmpty { break }
            usleep(10_000)
        }
        return left
    }
}
