// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Supervisor

// The roles of this program; see docs/architecture.md. Each is a line here and a module's function.
switch CommandLine.arguments.dropFirst().first {
case "netd": exit(Netd.run())
default:
    let line = Array("wharf-runtime: unknown command\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    exit(1)
}
