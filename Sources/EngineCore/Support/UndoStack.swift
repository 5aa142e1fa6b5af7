// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The way back out of a multi-step operation: what each step that succeeded would take to be as if it had not been.
///
/// A step pushes its own undoing right after it succeeded. On failure `unwind` runs them, last in first out, all of
/// them, and collects what went wrong on the way; on success the stack is dropped with `commit`.
struct UndoStack: Sendable {
    typealias Step = @Sendable () async throws -> Void

    private var steps: [(name: String, undo: Step)] = []
    private let observer: StepObserver?

    init(observer: StepObserver? = nil) { self.observer = observer }

    /// What could not be undone, by the name of its step.
    struct Failure: Sendable {
        var step: String
        var error: any Error
    }

    mutating func push(_ name: String, _ undo: @escaping Step) throws {
        steps.append((name, undo))
        try observer?(name)
    }

    /// Says that a step has succeeded whose undoing an earlier one's includes.
    func passed(_ name: String) throws { try observer?(name) }

    mutating func commit() { steps.removeAll() }

    /// Undoes every step and returns the failures.
    mutating func unwind() async -> [Failure] {
        var failures: [Failure] = []
        while let (name, undo) = steps.popLast() {
            do { try await undo() } catch { failures.append(Failure(step: name, error: error)) }
        }
        return failures
    }
}
