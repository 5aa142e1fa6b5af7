// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// The program `criu`, which writes processes to files and makes them anew. It is run by its command line (decision
/// 0016).
struct CRIU {
    let path: String

    /// Finds the program and asks whether it works on this kernel, BEFORE anything is touched. `name`: a path, or what
    /// to look for on PATH.
    init(_ name: String) throws(RuntimeError) {
        guard geteuid() == 0 else {
            throw RuntimeError(.unsupported, "checkpoint and restore need root")
        }
        path = try CRIU.find(name)
        try check([], "it does not work on this kernel")
    }

    /// Asks whether the kernel has a feature, by criu's name of it.
    func need(_ feature: String) throws(RuntimeError) {
        try check(["--feature", feature], "the kernel has no \(feature)")
    }

    private func check(_ arguments: [String], _ problem: String) throws(RuntimeError) {
        let output = try run(["check"] + arguments)
        guard output.status != 0 else { return }
        let reason = CRIU.reason(output.errors + output.text) ?? "criu check ended with \(output.status)"
        throw RuntimeError(.unsupported, "checkpoint and restore need CRIU, and \(problem): \(reason)")
    }

    private func run(_ arguments: [String]) throws(RuntimeError) -> HostCommand.Output {
        try step("running criu") { () throws(Linux.Errno) in try HostCommand.run(path, arguments, limit: 1 << 20) }
    }

    /// Runs a command of criu's that needs nothing but its arguments. `log` is the file it writes to.
    func run(_ arguments: [String], log: String) throws(RuntimeError) {
        let output = try run(arguments)
        guard output.status != 0 else { return }
        throw failure(arguments[0], status: output.status, log: log, said: output.errors + output.text)
    }

    /// What an unsuccessful command is told as: the first error in its log, which is the cause of the others.
    func failure(_ command: String, status: Int32, log: String, said: String = "") -> RuntimeError {
        let text = (try? HostPath.read(log, limit: 64 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let reason = CRIU.reason(text) ?? CRIU.reason(said) ?? "it ended with \(status)"
        return RuntimeError(.system, "criu \(command): \(reason) (its log is \(log))")
    }

    /// Of `(00.074966) Error (criu/vdso.c:381): vdso: Unexpected…` what comes after the place in criu's sources.
    static func reason(_ text: String) -> String? {
        for line in text.split(separator: "\n") {
            guard let start = line.range(ofFirst: "Error ("), let end = line.range(ofFirst: "): ") else { continue }
            // Of programs that are tried one after the other (iptables-save), and do not matter.
            if line[start.upperBound...].hasPrefix("criu/util.c") { continue }
            return String(line[end.upperBound...])
        }
        return nil
    }

    private static func find(_ name: String) throws(RuntimeError) -> String {
        let known = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let search = getenv("PATH").map { String(cString: $0) } ?? known
        let places = name.contains("/") ? [name] : search.split(separator: ":").map { "\($0)/\(name)" }
        guard let path = places.first(where: { $0.hasPrefix("/") && access($0, X_OK) == 0 }) else {
            throw RuntimeError(
                .unsupported, "checkpoint and restore need CRIU, and there is no program \"\(name)\" (package criu)")
        }
        return path
    }
}

extension StringProtocol {
    /// Where `part` first is.
    fileprivate func range(ofFirst part: String) -> Range<Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(part) { return index..<self.index(index, offsetBy: part.count) }
            formIndex(after: &index)
        }
        return nil
    }
}
