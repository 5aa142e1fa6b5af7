// SPDX-License-Identifier: Apache-2.0

internal import CLI
internal import Glibc

/// The environment, as the kernel gave it.
func environmentVariables() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
        let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if pair.count == 2 { result[String(pair[0])] = String(pair[1]) }
        entry += 1
    }
    return result
}

exit(Program.run(Swift.CommandLine.arguments, console: Console(environment: environmentVariables())))
