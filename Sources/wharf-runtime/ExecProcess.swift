// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import OCI
internal import OCIRuntime

/// What `exec` is to run: a process.json, or the container's own process with what the flags change.
enum ExecProcess {
    static func read(_ options: Options, _ own: RuntimeSpec.Process?) throws(RuntimeError) -> RuntimeSpec.Process {
        if let path = options["process"] {
            let bytes = try StateStore.read(path)
            do throws(JSONError) { return try JSON.read(RuntimeSpec.Process.self, from: bytes) } catch {
                throw RuntimeError(.invalid, "\(path): \(error)")
            }
        }
        var process = own ?? RuntimeSpec.Process(args: [])
        process.args = Array(options.arguments.dropFirst())
        process.terminal = options.isOn("tty")
        if let cwd = options["cwd"] { process.cwd = cwd }
        process.env = (process.env ?? []) + options.all("env")
        if let profile = options["apparmor"] { process.apparmorProfile = profile }
        if let label = options["process-label"] { process.selinuxLabel = label }
        if options.isOn("no-new-privs") { process.noNewPrivileges = true }
        for name in options.all("cap") { grant(name, &process) }
        if let user = options["user"] { process.user = try self.user(user) }
        for group in options.all("additional-gids") {
            guard let gid = UInt32(group) else { throw RuntimeError(.invalid, "additional-gids: \"\(group)\"") }
            var user = process.user ?? .init()
            user.additionalGids = (user.additionalGids ?? []) + [gid]
            process.user = user
        }
        return process
    }

    private static func grant(_ name: String, _ process: inout RuntimeSpec.Process) {
        var sets = process.capabilities ?? .init()
        sets.bounding = (sets.bounding ?? []) + [name]
        sets.effective = (sets.effective ?? []) + [name]
        sets.permitted = (sets.permitted ?? []) + [name]
        process.capabilities = sets
    }

    /// `UID` or `UID:GID`: numbers only, as names are the engine's to resolve.
    private static func user(_ text: String) throws(RuntimeError) -> RuntimeSpec.User {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let uid = UInt32(parts[0]), let gid = parts.count == 2 ? UInt32(parts[1]) : 0 else {
            throw RuntimeError(.invalid, "user \"\(text)\" is not UID or UID:GID")
        }
        return RuntimeSpec.User(uid: uid, gid: gid)
    }
}
