// SPDX-License-Identifier: Apache-2.0

package import EngineAPI

/// The OCI runtimes that containers may name (`--runtime`): the built-in one, and those that the daemon was told of.
package struct OCIRuntimes: Sendable, Equatable {
    /// Another runtime's program.
    package struct Program: Sendable, Equatable {
        /// A path, or a name in PATH.
        package var path: String
        package var arguments: [String]

        package init(path: String, arguments: [String] = []) {
            self.path = path
            self.arguments = arguments
        }
    }

    /// The built-in one's own name, which nothing else may have.
    package static let builtIn = "wharf-runtime"
    /// What Docker calls its default, and its clients spell out: the built-in one, unless a program has that name.
    private static let dockers = "runc"

    package private(set) var programs: [String: Program] = [:]
    /// `--default-runtime`; nil: the built-in one.
    package var chosenDefault: String?

    package init() {}

    /// Throws why it can't have that name.
    package mutating func add(_ name: String, _ program: Program) throws(EngineError) {
        guard !name.isEmpty, !program.path.isEmpty else {
            throw EngineError(.invalidParameter, "a runtime needs a name and a path: \"\(name)=\(program.path)\"")
        }
        guard name != Self.builtIn else {
            throw EngineError(.invalidParameter, "runtime name '\(name)' is reserved")
        }
        guard programs[name] == nil else {
            throw EngineError(.invalidParameter, "runtime '\(name)' was already defined")
        }
        programs[name] = program
    }

    /// Of containers that name none.
    var defaultName: String { chosenDefault ?? (programs[Self.dockers] == nil ? Self.dockers : Self.builtIn) }

    /// nil: the built-in one. Throws Docker's words for a name that there is not.
    package func program(_ name: String) throws(EngineError) -> Program? {
        let name = name.isEmpty ? defaultName : name
        if let program = programs[name] { return program }
        guard [Self.builtIn, Self.dockers].contains(name) else {
            throw EngineError(.invalidParameter, "unknown or invalid runtime name: \(name)")
        }
        return nil
    }

    /// As `info` lists them.
    var listed: [String: SystemRuntime] {
        var listed = programs.mapValues { program in
            SystemRuntime(path: program.path, runtimeArgs: program.arguments.isEmpty ? nil : program.arguments)
        }
        let name = programs[Self.dockers] == nil ? Self.dockers : Self.builtIn
        listed[name] = SystemRuntime(path: Self.builtIn)
        return listed
    }
}
