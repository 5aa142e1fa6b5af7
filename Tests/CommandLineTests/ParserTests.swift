// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CommandLine

private func parsed(_ arguments: String...) throws -> ParsedCommand {
    guard case .run(let command) = try Invocation.parse(arguments, program: "docker") else {
        throw UsageProblem(text: "not a command", status: 0)
    }
    return command
}

@Suite struct ParserTests {
    @Test func readsEveryFormOfAFlag() throws {
        let command = try parsed(
            "run", "-itd", "--rm=true", "-p80:80", "-p", "81:81", "--publish=82:82", "-e", "A=1", "-eB=2", "--env", "C",
            "--name", "x", "-m=64m", "image", "-x", "--rm=false")
        #expect(command.arguments == ["image", "-x", "--rm=false"])
        for name in ["interactive", "tty", "detach", "rm"] { #expect(command.flags.bool(name), "\(name)") }
        #expect(command.flags.list("publish") == ["80:80", "81:81", "82:82"])
        #expect(command.flags.list("env") == ["A=1", "B=2", "C"])
        #expect(command.flags.string("name") == "x")
        #expect(command.flags.string("memory") == "64m")
    }

    @Test func laterValuesOverride() throws {
        let command = try parsed("run", "--rm", "--rm=false", "--name", "a", "--name=b", "i")
        #expect(!command.flags.bool("rm"))
        #expect(command.flags.string("name") == "b")
    }

    @Test func interspersedFlagsAndTheirEnd() throws {
        #expect(try parsed("rm", "a", "-f", "b").arguments == ["a", "b"])
        #expect(try parsed("rm", "a", "--", "-f").arguments == ["a", "-f"])
        #expect(try parsed("exec", "c", "ls", "-l").arguments == ["c", "ls", "-l"])
        #expect(try parsed("top", "c", "-o", "pid").arguments == ["c", "-o", "pid"])
        #expect(try parsed("run", "--", "i", "-t").arguments == ["i", "-t"])
    }

    @Test func defaultsAndSynonyms() throws {
        #expect(try parsed("ps").flags.int("last") == -1)
        #expect(try parsed("run", "i").flags.bool("sig-proxy"))
        #expect(try parsed("run", "--net", "host", "i").flags.string("network") == "host")
        #expect(try parsed("stop", "--time", "3", "c").flags.int("timeout") == 3)
    }

    @Test func globalFlagsStandFirst() throws {
        let command = try parsed("-H", "unix:///x", "-D", "--log-level=warn", "ps", "-a")
        #expect(command.globals.list("host") == ["unix:///x"])
        #expect(command.globals.bool("debug"))
        #expect(command.flags.bool("all"))
    }

    /// Messages as docker 28.2 prints them.
    @Test(
        arguments: [
            (
                ["run", "--nosuchflag", "b"], 125, "unknown flag: --nosuchflag",
                "run [OPTIONS] IMAGE [COMMAND] [ARG...]"
            ),
            (["ps", "-z"], 125, "unknown shorthand flag: 'z' in -z", "ps [OPTIONS]"),
            (["ps", "-aqz"], 125, "unknown shorthand flag: 'z' in -z", "ps [OPTIONS]"),
            (
                ["ps", "--all=maybe"], 125,
                "invalid argument \"maybe\" for \"-a, --all\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
                "ps [OPTIONS]"
            ),
            (
                ["container", "list", "-n", "1x"], 125,
                "invalid argument \"1x\" for \"-n, --last\" flag: strconv.ParseInt: parsing \"1x\": invalid syntax",
                "container ls [OPTIONS]"
            ),
            (["ps", "-n"], 125, "flag needs an argument: 'n' in -n", "ps [OPTIONS]"),
            (["ps", "--last"], 125, "flag needs an argument: --last", "ps [OPTIONS]"),
            (["run", "--=x", "b"], 125, "bad flag syntax: --=x", "run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
            (["run", "---x", "b"], 125, "bad flag syntax: ---x", "run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
            (["run", "-=x", "b"], 125, "unknown shorthand flag: '=' in -=x", "run [OPTIONS] IMAGE [COMMAND] [ARG...]"),
            (
                ["run", "--memory", "foo", "b"], 125,
                "invalid argument \"foo\" for \"-m, --memory\" flag: invalid size: 'foo'",
                "run [OPTIONS] IMAGE [COMMAND] [ARG...]"
            ),
            (
                ["run", "-m", "-1", "b"], 125, "invalid argument \"-1\" for \"-m, --memory\" flag: invalid size: '-1'",
                "run [OPTIONS] IMAGE [COMMAND] [ARG...]"
            ),
            (
                ["run", "--cpus", "foo", "b"], 125,
                "invalid argument \"foo\" for \"--cpus\" flag: failed to parse foo as a rational number",
                "run [OPTIONS] IMAGE [COMMAND] [ARG...]"
            ),
            (
                ["run", "--cpus", "0.0000000001", "b"], 125,
                "invalid argument \"0.0000000001\" for \"--cpus\" flag: value is too precise",
                "run [OPTIONS] IMAGE [COMMAND] [ARG...]"
            ),
            (
                ["run", "--blkio-weight", "99999", "b"], 125,
                "invalid argument \"99999\" for \"--blkio-weight\" flag: strconv.ParseUint: parsing \"99999\": "
                    + "value out of range", "run [OPTIONS] IMAGE [COMMAND] [ARG...]"
            ),
            (
                ["run", "--health-interval", "x", "b"], 125,
                "invalid argument \"x\" for \"--health-interval\" flag: time: invalid duration \"x\"",
                "run [OPTIONS] IMAGE [COMMAND] [ARG...]"
            ),
            (
                ["stop", "--time", "x", "y"], 125,
                "invalid argument \"x\" for \"--time\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
                "stop [OPTIONS] CONTAINER [CONTAINER...]"
            ),
            (
                ["ps", "--filter", "x"], 125,
                "invalid argument \"x\" for \"-f, --filter\" flag: bad format of filter (expected name=value)",
                "ps [OPTIONS]"
            ),
            (["--nope"], 125, "unknown flag: --nope", "[OPTIONS] COMMAND [ARG...]"),
            (["frob", "--foo"], 125, "unknown flag: --foo", "[OPTIONS] COMMAND [ARG...]"),
            (["container", "--nope", "ls"], 125, "unknown flag: --nope", "container"),
            (
                ["run", "--link", "x:y", "b"], 125, "flag not supported yet: --link",
                "run [OPTIONS] IMAGE [COMMAND] [ARG...]"
            ),
        ] as [([String], Int32, String, String)])
    func flagProblems(_ arguments: [String], _ status: Int32, _ message: String, _ usage: String) {
        let name = usage.split(separator: " ").prefix { $0.first?.isLowercase == true }.joined(separator: " ")
        let program = name.isEmpty ? "docker" : "docker \(name)"
        let text = "\(message)\n\nUsage:  docker \(usage)\n\nRun '\(program) --help' for more information\n"
        #expect(throws: UsageProblem(text: text, status: status)) {
            try Invocation.parse(arguments, program: "docker")
        }
    }

    @Test(
        arguments: [
            (["run"], "'docker run' requires at least 1 argument", "See"),
            (["tag", "a"], "'docker tag' requires 2 arguments", "Run"),
            (["exec", "a"], "'docker exec' requires at least 2 arguments", "See"),
            (["port"], "'docker port' requires at least 1 and at most 2 arguments", "Run"),
            (["ps", "x"], "'docker ps' accepts no arguments", "Run"),
            (["container", "list", "x"], "'docker container ls' accepts no arguments", "Run"),
            (["network", "create"], "'docker network create' requires 1 argument", "Run"),
        ])
    func wrongNumberOfArguments(_ arguments: [String], _ message: String, _ verb: String) throws {
        let problem = try #require(throws: UsageProblem.self) { try Invocation.parse(arguments, program: "docker") }
        #expect(problem.status == 1)
        #expect(problem.text.hasPrefix("docker: \(message)\n\nUsage:  docker "))
        #expect(problem.text.contains("\n\n\(verb) 'docker "))
    }

    @Test func unknownCommands() {
        #expect(
            throws: UsageProblem(
                text: "docker: unknown command: docker frobnicate\n\nRun 'docker --help' for more information\n",
                status: 1)
        ) { try Invocation.parse(["frobnicate"], program: "docker") }
        #expect(
            throws: UsageProblem(
                text: "wharf: unknown command: wharf trust key nope\n\nUsage:  wharf trust key\n\n"
                    + "Run 'wharf trust key --help' for more information\n", status: 1)
        ) { try Invocation.parse(["trust", "key", "nope"], program: "wharf") }
    }

    @Test func helpAndVersion() throws {
        for arguments in [
            ["ps", "--help"], ["help", "ps"], ["ps", "-h"], ["container", "--help"], ["--help"], ["help"],
        ] {
            guard case .print(let text, let toStandardError) = try Invocation.parse(arguments, program: "docker") else {
                Issue.record("\(arguments) is help")
                continue
            }
            #expect(text.contains("Usage:  docker"))
            #expect(!toStandardError)
        }
        guard case .print(_, true) = try Invocation.parse([], program: "docker") else {
            Issue.record("nothing asked for is told on standard error")
            return
        }
        guard case .version = try Invocation.parse(["-v", "x"], program: "docker") else {
            Issue.record("-v is the version")
            return
        }
    }

    @Test func hostileLinesEndInMessages() {
        for arguments in [
            [""], ["-"], ["--"], ["run", ""], ["run", "-"], ["ps", "-="], ["ps", "--="], ["ps", "-a=", "x"], ["-H"],
            ["container", ""], ["container", "-"], ["run", "-\u{1f600}", "x"], ["ps", "--\u{0}"], ["help", "--"],
        ] {
            _ = try? Invocation.parse(arguments, program: "docker")
        }
    }
}

@Suite struct MountFlagTests {
    /// Mistakes in docker 28.2's words.
    @Test(
        arguments: [
            ("", "EOF"), ("x", "invalid field 'x' must be a key=value pair"), ("readonly", "target is required"),
            ("type=bind,source=/a", "target is required"), ("type=,dst=/a", "type is required"),
            ("type=bind,src=/a,dst=/b,foo=1", "unexpected key 'foo' in 'foo=1'"),
            ("type=bind,src=/a,dst=/b,ro=maybe", "invalid value for ro: maybe"),
            ("type=tmpfs,dst=/x,tmpfs-mode=99", "invalid value for tmpfs-mode: 99"),
            ("type=bind,src=/a,dst=/b,volume-nocopy", "cannot mix 'volume-*' options with mount type 'bind'"),
        ])
    func mistakes(_ text: String, _ message: String) {
        #expect(throws: GoSyntax.Problem(message)) { try MountFlag(text) }
    }

    @Test func synonymsAndQuotes() throws {
        let flag = try MountFlag("src=v,dst=/d,ro,\"volume-opt=o=a,b\",volume-label=x=1,volume-label=y")
        #expect(flag.type == "volume")
        #expect(flag["source"] == "v" && flag["target"] == "/d" && flag["readonly"] == "true")
        #expect(flag.list("volume-label") == ["x=1", "y"])
        #expect(flag["volume-opt"] == "o=a,b")
    }
}

@Suite struct ValueTests {
    @Test(arguments: [
        ("64m", 67_108_864), ("1k", 1024), ("1.5g", 1_610_612_736), ("10 kB", 10240), ("0", 0), ("5", 5),
        ("1GiB", 1 << 30),
        ("7b", 7),
    ])
    func sizes(_ text: String, _ bytes: Int64) throws { #expect(try Units.bytes(text) == bytes) }

    @Test(arguments: ["", "x", "1x", "-1", "1..2m", "1mm", "99999999999999999999p", " 1"])
    func notSizes(_ text: String) { #expect(throws: GoSyntax.Problem.self) { try Units.bytes(text) } }

    @Test(arguments: [("0.5", 500_000_000), ("2", 2_000_000_000), ("1/4", 250_000_000), ("1.000000001", 1_000_000_001)])
    func processors(_ text: String, _ nano: Int64) throws { #expect(try Units.nanoCPUs(text) == nano) }

    @Test(arguments: [
        ("1s", 1_000_000_000), ("1h30m", 5_400_000_000_000), ("1.5s", 1_500_000_000), ("-2ms", -2_000_000), ("0", 0),
        ("100us", 100_000),
    ])
    func durations(_ text: String, _ nanoseconds: Int64) throws { #expect(try GoSyntax.duration(text) == nanoseconds) }

    @Test(arguments: ["", "x", "1", "1x", "s", "-", "1.2.3s", "99999999h"])
    func notDurations(_ text: String) { #expect(throws: GoSyntax.Problem.self) { try GoSyntax.duration(text) } }

    @Test(arguments: [("0x10", 16), ("010", 8), ("0b11", 3), ("-5", -5), ("+7", 7), ("-9223372036854775808", Int.min)])
    func integers(_ text: String, _ value: Int) throws { #expect(try GoSyntax.int(text) == value) }
}
