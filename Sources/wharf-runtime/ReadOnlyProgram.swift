// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCIRuntime

/// Rule R11 where the program was started from its file: it runs anew from a read-only mount of that file, so that a
/// container that gets hold of /proc/PID/exe can't write it. (A shim runs from a sealed memfd already.)
enum ReadOnlyProgram {
    static func ensure() throws(RuntimeError) {
        do throws(Linux.Errno) {
            let own = try FileDescriptor.open("/proc/self/exe", O_RDONLY)
            if try own.isOnReadOnlyMount() || own.isSealed() { return }
            let arguments = CStringArray(CommandLine.arguments)
            throw try copy().execute(arguments, CStringArray(environment()))
        } catch {
            throw RuntimeError(.system, "running from a read-only mount: \(error)")
        }
    }

    private static func copy() throws(Linux.Errno) -> FileDescriptor {
        do throws(Linux.Errno) {
            let tree = try FileDescriptor.cloneMount("/proc/self/exe", recursive: false)
            try tree.setMount(set: .readOnly)
            return tree
        } catch {
            // An ordinary user may not mount: a copy that nobody can change does as well.
            guard error.code == .notPermitted else { throw error }
            return try SealedProgram.seal("/proc/self/exe", name: "wharf-runtime")
        }
    }

    private static func environment() -> [String] {
        var result: [String] = []
        var entry = environ
        while let text = entry.pointee {
            result.append(String(cString: text))
            entry += 1
        }
        return result
    }
}
