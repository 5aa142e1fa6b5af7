// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Starts programs that are nobody's child: their parent is init, their session their own. Safe in a process with
/// threads.
package enum DetachedProcess {
    /// Runs the open executable in `directory` with `descriptors` at their numbers (3 to 63), /dev/null at 0 and 1 and
    /// `errors` at 2, in the cgroups whose open cgroup.procs files are `cgroups`. Returns its pid.
    package static func spawn(
        _ executable: borrowing FileDescriptor, arguments: [String], environment: [String],
        directory: borrowing FileDescriptor, errors: borrowing FileDescriptor,
        descriptors: [(descriptor: SharedDescriptor, number: Int32)], cgroups: [SharedDescriptor]
    ) throws(Errno) -> Int32 {
        let null = try FileDescriptor.open("/dev/null", O_RDWR)
        let sources = descriptors.map(\.descriptor.rawValue)
        let numbers = descriptors.map(\.number)
        let procs = cgroups.map(\.rawValue)
        var failure: Errno?
        let arguments = CStringArray(arguments)
        let environment = CStringArray(environment)
        let pid = arguments.withPointer { arguments in
            environment.withPointer { environment in
                sources.withUnsafeBufferPointer { sources in
                    numbers.withUnsafeBufferPointer { numbers in
                        procs.withUnsafeBufferPointer { procs in
                            var spawn = wharf_spawn(
                                executable: executable.rawValue, arguments: arguments, environment: environment,
                                directory: directory.rawValue, input: null.rawValue, output: errors.rawValue,
                                descriptors: sources.baseAddress, numbers: numbers.baseAddress, count: sources.count,
                                cgroups: procs.baseAddress, cgroup_count: procs.count)
                            let pid = wharf_spawn_detached(&spawn)
                            if pid < 0 { failure = .last("spawn") }
                            return pid
                        }
                    }
                }
            }
        }
        withExtendedLifetime((descriptors.map(\.descriptor), cgroups)) {}
        if let failure { throw failure }
        return pid
    }
}
