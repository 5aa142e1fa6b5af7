// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Finds the program a container runs, as the user it runs as, with the words runc (and so Docker) has for failures.
enum Executable {
    /// Resolves `name` in the calling process's root: as it is when it has a slash, else in the PATH of `environment`.
    static func find(_ name: String, environment: [String]) throws(RuntimeError) -> String {
        if name.contains("/") {
            if let failure = check(name) { throw failure.runtimeError(name) }
            return name
        }
        let path = environment.last { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ""
        // What PATH names relative to the working directory is not searched.
        for directory in path.split(separator: ":") where directory.hasPrefix("/") {
            let candidate = "\(directory)/\(name)"
            if check(candidate) == nil { return candidate }
        }
        throw RuntimeError(.notFound, "exec: \"\(name)\": executable file not found in $PATH")
    }

    private enum Failure: Equatable {
        case missing(Linux.Errno.Code)
        case directory
        case denied(Linux.Errno.Code)

        func runtimeError(_ name: String) -> RuntimeError {
            switch self {
            case .missing(let code):
                RuntimeError(
                    code == .noEntry ? .notFound : .notExecutable, "exec: \"\(name)\": stat \(name): \(code)")
            case .directory: RuntimeError(.notExecutable, "exec: \"\(name)\": is a directory")
            case .denied(let code): RuntimeError(.notExecutable, "exec: \"\(name)\": \(code)")
            }
        }
    }

    private static func check(_ path: String) -> Failure? {
        var status = stat()
        guard path.withCString({ stat($0, &status) }) == 0 else { return .missing(Linux.Errno.last("stat").code) }
        if status.st_mode & S_IFMT == S_IFDIR { return .directory }
        return CurrentProcess.cannotExecute(path).map { .denied($0.code) }
    }
}

/// The working directory of a container's process.
enum WorkingDirectory {
    /// Enters `path`, and verifies that the kernel calls it a place below the root (rule R12): a descriptor that leaked
    /// from the host would be one above it.
    static func enter(_ path: String) throws(RuntimeError) {
        do throws(Linux.Errno) { try CurrentProcess.changeDirectory(path) } catch {
            throw failure(path, error)
        }
        try verify(path)
    }

    static func verify(_ path: String) throws(RuntimeError) {
        let actual = try step("reading the working directory") { () throws(Linux.Errno) in
            try CurrentProcess.workingDirectory()
        }
        guard actual.hasPrefix("/") else {
            throw RuntimeError(
                .invalid, "current working directory \"\(path)\" is outside of container mount namespace root")
        }
    }

    static func failure(_ path: String, _ error: Linux.Errno) -> RuntimeError {
        let code: RuntimeError.Code = error.code == .noEntry ? .notFound : .notExecutable
        return RuntimeError(code, "chdir to cwd (\"\(path)\") set in config.json failed: \(error.code)")
    }
}
