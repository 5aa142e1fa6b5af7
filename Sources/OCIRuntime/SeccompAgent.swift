// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import Linux
internal import OCI

/// Who answers system calls of `SCMP_ACT_NOTIFY`: it gets the filter's listener over the Unix socket at
/// `linux.seccomp.listenerPath` (config-linux.md#containerprocessstate).
struct SeccompAgent {
    private let path: String
    private let metadata: String?

    private struct ProcessState: Encodable {
        var ociVersion: String
        var fds = ["seccompFd"]
        var pid: Int32
        var metadata: String?
        var state: RuntimeState
    }

    /// `section` is `linux.seccomp` as it was written.
    init(_ section: [UInt8]?) throws(RuntimeError) {
        do throws(JSONError) {
            let rules = try JSON.read(RuntimeSpec.Seccomp.self, from: section ?? [])
            path = rules.listenerPath ?? ""
            metadata = rules.listenerMetadata
        } catch {
            throw RuntimeError(.invalid, "linux.seccomp: \(error)")
        }
    }

    func send(_ listener: borrowing FileDescriptor, pid: Int32, _ state: RuntimeState) throws(RuntimeError) {
        let process = ProcessState(ociVersion: state.ociVersion, pid: pid, metadata: metadata, state: state)
        let bytes: [UInt8]
        do throws(JSONError) { bytes = try JSON.encode(process) } catch {
            throw RuntimeError(.system, "linux.seccomp.listenerPath: \(error)")
        }
        try step("linux.seccomp.listenerPath") { () throws(Errno) in
            try StreamSocket.connect(.unix(path)).sendPacket(bytes, descriptor: listener)
        }
    }
}
