// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import EngineAPI
internal import Linux

/// The program `wharf`, or `docker`: from its arguments to its exit status.
package enum Program {
    /// - Parameter arguments: as main got them; the first is the name it was called by.
    package static func run(_ arguments: [String], console: Console) -> Int32 {
        let called = arguments.first.map { $0.split(separator: "/").last.map(String.init) ?? $0 } ?? "wharf"
        let program = called.isEmpty ? "wharf" : called
        do {
            return try run(Invocation.parse(Array(arguments.dropFirst()), program: program), program, console)
        } catch let problem as UsageProblem {
            console.complain(problem.text, terminator: "")
            return problem.status
        } catch let failure as Failure {
            if !failure.text.isEmpty { console.complain(failure.text) }
            return failure.status
        } catch {
            console.complain(Failure.text(of: error))
            return 1
        }
    }

    private static func run(_ invocation: Invocation, _ program: String, _ console: Console) throws -> Int32 {
        switch invocation {
        case .version: console.print(ProductVersion.line(program: program))
        case .print(let text, let toStandardError):
            if toStandardError {
                console.complain(text, terminator: "")
            } else {
                console.print(text, terminator: "")
            }
        case .generate(let words): console.print(try Generators.generate(words, program: program), terminator: "")
        case .run(let parsed):
            let level = parsed.globals.string("log-level") ?? "info"
            guard ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"].contains(level) else {
                throw Failure("Unable to parse logging level: \(level)")
            }
            guard let action = Actions.action(for: parsed.command.path) else {
                throw Failure("\(program): '\(parsed.fullName)' is not supported yet")
            }
            return try action(Session(parsed: parsed, console: console))
        }
        return 0
    }
}
