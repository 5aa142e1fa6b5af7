// SPDX-License-Identifier: Apache-2.0

/// One requirement of the runtime specification, and how to find out whether a runtime keeps it.
struct Case: Sendable {
    enum Level: String, Sendable { case must = "MUST", should = "SHOULD" }

    /// Page and anchor, as in `config.md#mounts`.
    let section: String
    /// In this project's words. With the section it names the case.
    let statement: String
    let level: Level
    /// Leaves by `Mismatch` where the runtime does something else, by `Unavailable` where nobody could tell.
    let body: @Sendable (Box) throws -> Void

    init(
        _ section: String, _ statement: String, _ level: Level = .must, _ body: @escaping @Sendable (Box) throws -> Void
    ) {
        self.section = section
        self.statement = statement
        self.level = level
        self.body = body
    }

    static let all: [Case] =
        versionCases + rootCases + mountCases + mountOptionCases + idmapCases + processCases + userCases
        + schedulingCases + hookCases + hookTimingCases + annotationCases + invalidValueCases
        + namespaceCases + deviceCases + cgroupCases + limitCases + blockIOCases + systemCases + pathCases
        + seccompCases + seccompNotifyCases + stateCases + operationCases + lifecycleCases + runtimeLinuxCases
        + featureCases
}

/// What was expected of a runtime, and what came.
struct Mismatch: Error {
    let expected: String
    let came: String
}

/// This machine can't show it: a kernel without the controller, a runtime without the optional command.
struct Unavailable: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// The suite itself failed.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ expected: String, came: @autoclosure () throws -> String) throws {
    guard condition else { throw Mismatch(expected: expected, came: try came()) }
}

func requireEqual<T: Equatable>(_ what: String, _ actual: T, _ expected: T) throws {
    guard actual == expected else {
        throw Mismatch(expected: "\(what): \(show(expected))", came: show(actual))
    }
}

private func show(_ value: Any) -> String {
    let text = "\(value)"
    return text.isEmpty ? "nothing" : text
}
