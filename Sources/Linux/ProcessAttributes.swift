// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Attributes of the calling process, set between fork and exec.
package enum CurrentProcess {
    /// The signal this process gets when its parent ends; 0: none. Cleared by a change of credentials.
    package static func setParentDeathSignal(_ signal: Int32) throws(Errno) {
        try control(1, UInt(signal), "PR_SET_PDEATHSIG")
    }

    /// Orphans below this process become its children.
    package static func becomeSubreaper() throws(Errno) { try control(36, 1, "PR_SET_CHILD_SUBREAPER") }

    /// Whether other processes of the user may trace it and read its /proc entries.
    package static func setDumpable(_ on: Bool) throws(Errno) { try control(4, on ? 1 : 0, "PR_SET_DUMPABLE") }

    /// Set-user-ID bits and file capabilities no longer add privileges.
    package static func setNoNewPrivileges() throws(Errno) { try control(38, 1, "PR_SET_NO_NEW_PRIVS") }

    /// Permitted capabilities survive the change from uid 0 to another.
    package static func setKeepCapabilities(_ on: Bool) throws(Errno) { try control(8, on ? 1 : 0, "PR_SET_KEEPCAPS") }

    /// The name `ps` shows, at most 15 bytes.
    package static func setName(_ name: String) throws(Errno) {
        let result = name.withCString { wharf_prctl(15, UInt(bitPattern: $0), 0, 0, 0) }
        guard result == 0 else { throw .last("prctl", "PR_SET_NAME") }
    }

    private static func control(_ option: Int32, _ value: UInt, _ name: String) throws(Errno) {
        guard wharf_prctl(option, value, 0, 0, 0) == 0 else { throw .last("prctl", name) }
    }

    package static func newSession() throws(Errno) {
        guard setsid() >= 0 else { throw .last("setsid") }
    }

    /// A session keyring of its own, so that the host's keys are out of reach. Kernels without keys have none to hide.
    package static func joinSessionKeyring(_ name: String) throws(Errno) {
        guard name.withCString({ wharf_join_session_keyring($0) }) < 0 else { return }
        let code = Errno.Code(rawValue: wharf_errno())
        if code != .notImplemented { throw Errno(code, "keyctl") }
    }

    package static func setHostName(_ name: String) throws(Errno) {
        guard name.withCString({ sethostname($0, name.utf8.count) }) == 0 else { throw .last("sethostname", name) }
    }

    package static func setDomainName(_ name: String) throws(Errno) {
        guard name.withCString({ setdomainname($0, name.utf8.count) }) == 0 else { throw .last("setdomainname", name) }
    }

    package static func setMask(_ mask: UInt32) { _ = umask(mask) }

    package static func changeDirectory(_ path: String) throws(Errno) {
        guard path.withCString({ chdir($0) }) == 0 else { throw .last("chdir", path) }
    }

    package static func changeDirectory(to directory: borrowing FileDescriptor) throws(Errno) {
        guard fchdir(directory.rawValue) == 0 else { throw .last("fchdir") }
    }

    package static func changeRoot(_ path: String) throws(Errno) {
        guard path.withCString({ chroot($0) }) == 0 else { throw .last("chroot", path) }
    }

    /// The working directory as the kernel says: `(unreachable)…` when it lies outside the root (rule R12).
    package static func workingDirectory() throws(Errno) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 32)
        let count = buffer.withUnsafeMutableBufferPointer { buffer in wharf_getcwd(buffer.baseAddress, buffer.count) }
        guard count > 0 else { throw .last("getcwd") }
        return String(decoding: buffer[..<(count - 1)].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    package static func setSupplementaryGroups(_ groups: [UInt32]) throws(Errno) {
        guard groups.withUnsafeBufferPointer({ wharf_setgroups($0.count, $0.baseAddress) }) == 0 else {
            throw .last("setgroups")
        }
    }

    package static func setGroup(_ gid: UInt32) throws(Errno) {
        guard wharf_setresgid(gid) == 0 else { throw .last("setresgid", "\(gid)") }
    }

    package static func setUser(_ uid: UInt32) throws(Errno) {
        guard wharf_setresuid(uid) == 0 else { throw .last("setresuid", "\(uid)") }
    }

    /// RLIMIT_* by number (`ResourceLimitName`).
    package static func setResourceLimit(_ resource: Int32, soft: UInt64, hard: UInt64) throws(Errno) {
        var limit = rlimit(rlim_cur: rlim_t(soft), rlim_max: rlim_t(hard))
        guard wharf_prlimit(resource, &limit, nil) == 0 else { throw .last("setrlimit") }
    }

    /// personality(2).
    package static func setPersonality(_ persona: UInt) throws(Errno) {
        guard wharf_personality(persona) >= 0 else { throw .last("personality") }
    }

    /// ioprio_set(2): `class` 1 (real time), 2 (best effort), 3 (idle).
    package static func setIOPriority(class kind: Int32, priority: Int32) throws(Errno) {
        guard wharf_ioprio_set(kind << 13 | priority) == 0 else { throw .last("ioprio_set") }
    }

    /// Whether this process may execute the file at `path`: nil when it may.
    package static func cannotExecute(_ path: String) -> Errno? {
        let result = path.withCString { wharf_faccessat2(AT_FDCWD, $0, X_OK, AT_EACCESS) }
        return result == 0 ? nil : .last("faccessat2", path)
    }

    /// All signals at their defaults and none blocked, as a new program expects.
    package static func resetSignals() {
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        for signal in 1..<Int32(65) where signal != SIGKILL && signal != SIGSTOP && signal != 32 && signal != 33 {
            var action = sigaction()
            guard sigaction(signal, nil, &action) == 0 else { continue }
            if action.__sigaction_handler.sa_handler != nil {
                action.__sigaction_handler.sa_handler = nil
                _ = sigaction(signal, &action, nil)
            }
        }
    }
}
