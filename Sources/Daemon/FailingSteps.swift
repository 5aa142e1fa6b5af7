// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import Synchronization

/// Makes operations fail at a step of the tests' choice (decision 0012).
///
/// The file holds how many steps may still pass. Each step takes one off; the one that finds 0 fails, and the file is
/// gone. Without the file all steps pass.
enum FailingSteps {
    struct Failure: Error, CustomStringConvertible {
        var step: String
        var description: String { "made to fail after step \(step)" }
    }

    static func observer(_ path: String) -> StepObserver {
        let lock = Lock()
        return { step in
            try lock.value.withLock { _ in
                guard let bytes = try? HostPath.read(path, limit: 32) else { return }
                let left = Int(String(decoding: bytes, as: UTF8.self).filter(\.isNumber)) ?? 0
                if left > 0 { return try HostPath.write("\(left - 1)\n", to: path) }
                try HostPath.remove(path)
                throw Failure(step: step)
            }
        }
    }

    /// Steps of one operation may be at work at the same time.
    private final class Lock: Sendable {
        let value = Mutex(())
    }
}
