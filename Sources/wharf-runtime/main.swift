// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import OCIRuntime
internal import Supervisor

// The roles of this program; see docs/architecture.md. Each is a line here and a module's function.
if CommandLine.arguments.first == InitProgram.path { exit(InitProgram.run(Array(CommandLine.arguments.dropFirst()))) }
switch CommandLine.arguments.dropFirst().first {
case "init": exit(InitProgram.run(Array(CommandLine.arguments.dropFirst(2))))
case "shim": exit(ShimProgram.run())
case "netd": exit(Netd.run())
default: exit(RuntimeCommand.main(Array(CommandLine.arguments.dropFirst())))
}
