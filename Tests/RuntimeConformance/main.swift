// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

// Holds an OCI runtime to the runtime specification; docs/decisions/0007-conformance-is-a-program.md says why it is a
// program.

let usage = """
    usage: runtime-conformance [--runtime PROGRAM] [--only TEXT] [--share I/N] [--results FILE] [--list] [--unseen] [--verbose]
           runtime-conformance --table FILE RUNTIME...

    Runs every case, or those whose section or statement has TEXT in it, against PROGRAM: what WHARF_RUNTIME names, or the
    wharf-runtime beside this program. Needs root, busybox-static and a kernel with cgroups. The exit status is 1 if a MUST
    is not kept. --share 1/2 runs every second case, so that two of these programs can share the work. --table runs several
    runtimes and writes the page of results.

    """

func fail(_ message: String) -> Never {
    var line = "runtime-conformance: \(message)\n"
    line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    exit(2)
}

var options: [String: String] = [:]
var operands: [String] = []
var rest = CommandLine.arguments.dropFirst()
while let argument = rest.popFirst() {
    switch argument {
    case "--list", "--unseen", "--verbose", "--help": options[argument] = ""
    case "--runtime", "--only", "--share", "--results", "--table":
        guard let value = rest.popFirst() else { fail("\(argument) needs a value") }
        options[argument] = value
    case _ where argument.hasPrefix("-"): fail("unknown option \(argument)\n\(usage)")
    default: operands.append(argument)
    }
}
if options["--help"] != nil {
    print(usage, terminator: "")
    exit(0)
}

let own = String(CommandLine.arguments[0].reversed().drop { $0 != "/" }.reversed())
let share = (options["--share"] ?? "1/1").split(separator: "/").compactMap { Int($0) }
guard share.count == 2, share[0] > 0, share[0] <= share[1] else { fail("--share must be I/N, with I from 1 to N") }
let selected = Case.all
    .filter { test in options["--only"].map { Report.key(test).contains($0) } ?? true }
    .enumerated().filter { $0.offset % share[1] == share[0] - 1 }.map(\.element)
if options["--list"] != nil {
    for test in selected { print("\(test.level.rawValue) \(Report.key(test))") }
    exit(0)
}

do {
    if let page = options["--table"] {
        try File.write(Array(try makeTable(operands).text().utf8), to: page)
        exit(0)
    }
    let named = options["--runtime"] ?? getenv("WHARF_RUNTIME").map { String(cString: $0) } ?? "\(own)wharf-runtime"
    // Cases run in directories of their own.
    let runtime = named.contains("/") ? realpath(named, nil).map { String(cString: $0) } ?? named : named
    try Host.enterOwnNamespaces(onlyV1: runtime.hasSuffix("crun"))
    let suite = Suite(runtime: runtime)
    var results: [Result] = []
    for test in selected {
        if options["--verbose"] != nil { Report.say("     \(Report.key(test))") }
        let began = Host.milliseconds
        let result = try suite.run(test)
        results.append(result)
        if options["--verbose"] != nil { Report.say("     \(Host.milliseconds - began) ms") }
        if let line = Report.line(result) { Report.say(line) }
        if options["--unseen"] != nil, case .unseen(let reason) = result.verdict {
            Report.say("–    \(Report.key(test)): \(reason)")
        }
    }
    Host.removeCgroups()
    Report.say("\(runtime): \(Report.summary(results))")
    if let file = options["--results"] { try File.write(Report.json(results), to: file) }
    exit(Report.isConformant(results) ? 0 : 1)
} catch {
    Host.removeCgroups()
    fail("\(error)")
}

/// Each runtime in a process of its own, as each has its own namespaces.
func makeTable(_ runtimes: [String]) throws -> Table {
    var columns: [(name: String, results: JSONObject)] = []
    for runtime in runtimes {
        let file = "/tmp/conformance-\(getpid()).json"
        let status = system("'\(CommandLine.arguments[0])' --runtime '\(runtime)' --results '\(file)'")
        defer { unlink(file) }
        guard status & 0x7f == 0, (status >> 8) & 0xff < 2 else { throw Trouble("\(runtime): the suite failed") }
        let version = try Command.shell("'\(runtime)' --version | head -n 1", directory: "/tmp")
        let name = String(runtime.split(separator: "/").last ?? "")
        let number = version.words.last ?? ""
        guard let results = try JSON.parse(Array(try File.read(file).utf8)).object else { throw Trouble(file) }
        columns.append((name: "\(name) \(number)", results: results))
    }
    return Table(runtimes: columns)
}
