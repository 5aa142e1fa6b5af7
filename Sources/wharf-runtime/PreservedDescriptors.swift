// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import OCIRuntime

/// `--preserve-fds`, and systemd's socket activation: descriptors from 3 on that the container's process gets.
struct PreservedDescriptors {
    let count: UInt32
    /// What socket activation says to the process.
    let environment: [String]

    init(_ options: Options) throws(RuntimeError) {
        let asked = try options.number("preserve-fds", UInt32.self) ?? 0
        let listening = getenv("LISTEN_FDS").flatMap { UInt32(String(cString: $0)) } ?? 0
        guard asked <= 1024, listening <= 1024 else {
            throw RuntimeError(.invalid, "preserve-fds: more than 1024 descriptors")
        }
        count = asked + listening
        environment = listening > 0 ? ["LISTEN_FDS=\(listening)", "LISTEN_PID=1"] : []
        // A number that is free now would be one of our own descriptors later.
        for number in 0..<count where fcntl(Int32(3 + number), F_GETFD) < 0 {
            throw RuntimeError(.invalid, "preserve-fds: file descriptor \(3 + number) is not open")
        }
    }
}
