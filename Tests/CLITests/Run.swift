// SPDX-License-Identifier: Apache-2.0

import CLI
import Glibc
import JSON

/// What a run of the program did.
struct Outcome {
    var status: Int32
    var stdout: String
    var stderr: String
}

/// Runs the program in this process, on files and pipes of its own.
func runProgram(
    _ arguments: [String], called name: String = "docker", stdin: String = "", environment: [String: String] = [:],
    now: Timestamp = Timestamp(seconds: 1_795_219_200)
) -> Outcome {
    let output = temporaryFile()
    let error = temporaryFile()
    let input = temporaryFile()
    _ = Array(stdin.utf8).withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
    lseek(input, 0, SEEK_SET)
    defer { for number in [output, error, input] { close(number) } }
    let console = Console(
        input: input, output: output, error: error, environment: environment,
        now: { now })
    let status = Program.run(["/usr/bin/" + name] + arguments, console: console)
    return Outcome(status: status, stdout: contents(output), stderr: contents(error))
}

private func temporaryFile() -> Int32 {
    var template = Array("/tmp/wharf-cli-test-XXXXXX".utf8CString)
    let number = mkstemp(&template)
    precondition(number >= 0, "the test's own file")
    unlink(template)
    return number
}

private func contents(_ number: Int32) -> String {
    lseek(number, 0, SEEK_SET)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(number, &buffer, buffer.count)
        if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}
