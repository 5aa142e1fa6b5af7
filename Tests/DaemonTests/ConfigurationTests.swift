// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import EngineCore
import Glibc
import Testing

@testable import Daemon

/// Writes a daemon.json and reads the configuration with it.
private func read(_ flags: [String], file: String) throws -> Invocation {
    var template = Array("/tmp/wharf-config-XXXXXX".utf8CString)
    let number = mkstemp(&template)
    defer { close(number) }
    _ = file.withCString { write(number, $0, strlen($0)) }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { unlink(path) }
    return try ConfigurationReader.read(["--config-file", path] + flags)
}

private func configuration(_ invocation: Invocation) -> Configuration? {
    if case .run(let configuration) = invocation { configuration } else { nil }
}

@Suite struct ConfigurationTests {
    @Test func mergesFlagsAndFile() throws {
        let file =
            #"{"data-root":"/x/","hosts":["unix:///a.sock"],"debug":true,"log-opts":{"max-size":"1k","max-file":"2"}}"#
        let result = try #require(
            configuration(try read(["--exec-root=/y", "-Gwheel", "--cgroup-parent", "/cg"], file: file)))
        #expect(result.dataRoot == "/x")
        #expect(result.execRoot == "/y")
        #expect(result.socketGroup == "wheel")
        #expect(result.cgroupParent == "/cg")
        #expect(result.hosts == ["unix:///a.sock"])
        #expect(result.logLevel == .debug)
        #expect(result.log == LogConfig(type: "json-file", config: ["max-size": "1k", "max-file": "2"]))
    }

    @Test(arguments: [
        (["--nosuch"], "{}", "unknown flag: --nosuch"), (["-Z"], "{}", "unknown shorthand flag: 'Z' in -Z"),
        (["--data-root"], "{}", "flag needs an argument: --data-root"), (["run"], "{}", "accepts no arguments"),
        (["--data-root", "x"], "{}", "not an absolute path"),
        (["-H", "tcp://0.0.0.0:2375"], "{}", "not supported yet"),
        (["--debug=maybe"], "{}", "must be true or false"), (["-l", "loud"], "{}", "none of debug"),
        ([], "{", "offset 1"), ([], "[]", "must be a JSON object"), ([], #"{"debug":"yes"}"#, "must be true or false"),
        ([], #"{"data-rot":"/x"}"#, "don't match any configuration option: data-rot"),
        ([], #"{"registry-mirrors":[]}"#, "\"registry-mirrors\" is not supported yet"),
        (["--data-root=/x"], #"{"data-root":"/x"}"#, "both as a flag and in the configuration file: data-root"),
        ([], #"{"log-opts":{"max-sise":"1m"}}"#, "unknown log opt 'max-sise'"),
        ([], #"{"runtimes":{"x":{"runtimeType":"y"}}}"#, #"runtime "x" must be an object with a path"#),
        ([], #"{"default-runtime":"x"}"#, "unknown or invalid runtime name: x"),
        (["--add-runtime", "x"], "{}", "must be NAME=PATH"),
        ([], #"{"log-opts":{"max-file":"0"}}"#, "invalid value for 'max-file': 0"),
        ([], #"{"log-driver":"syslog"}"#, "log-driver syslog: "),
    ])
    func saysWhatIsWrong(_ flags: [String], _ file: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) { try read(flags, file: file) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func needsTheFileItIsTold() {
        #expect(throws: ConfigurationError.self) {
            try ConfigurationReader.read(["--config-file", "/nonexistent/x.json"])
        }
    }

    @Test func answersWithoutRunning() throws {
        #expect(try ConfigurationReader.read(["--help"]) == .help)
        #expect(try ConfigurationReader.read(["-v"]) == .version)
        #expect(DaemonHelp.text.contains("--data-root DIR"))
    }

    @Test func locksARootForOneDaemon() throws {
        var template = Array("/tmp/wharf-lock-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer {
            unlink("\(path)/daemon.lock")
            rmdir(path)
        }
        let first = try StateLock(directory: path)
        let error = #expect(throws: ConfigurationError.self) { try StateLock(directory: path) }
        #expect(error?.description.contains("pid \(getpid())") == true)
        withExtendedLifetime(first) {}
    }
}
