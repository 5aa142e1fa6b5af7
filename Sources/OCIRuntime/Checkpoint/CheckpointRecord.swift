// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux

/// What restoring a checkpoint takes beside criu's own images, in a file among them. It names things; what they are
/// comes from the bundle (rule R10).
struct CheckpointRecord: Codable {
    private static let name = "wharf-checkpoint.json"
    private static let current = 1

    var version = CheckpointRecord.current
    /// The number that the container's process had.
    var pid: Int32 = 0
    /// Mount points of what was not the container's own, as its root has them.
    var externalMounts: [String] = []
    /// criu's names for what was open as 0, 1 and 2; empty: something of the container's own.
    var streams: [String] = []
    /// The descriptors were a terminal.
    var hasTerminal = false

    func write(in directory: String) throws(RuntimeError) {
        do {
            try HostPath.write(JSON.encode(self), to: "\(directory)/\(CheckpointRecord.name)", mode: 0o600)
        } catch {
            throw RuntimeError(.system, "writing the checkpoint: \(error)")
        }
    }

    init() {}

    init(in directory: String) throws(RuntimeError) {
        let path = "\(directory)/\(CheckpointRecord.name)"
        let bytes: [UInt8]
        do throws(Linux.Errno) { bytes = try HostPath.read(path) } catch {
            throw RuntimeError(.invalid, "there is no checkpoint of this runtime's in \(directory): \(error)")
        }
        do throws(JSONError) { self = try JSON.decode(CheckpointRecord.self, from: bytes) } catch {
            throw RuntimeError(.invalid, "\(path): \(error)")
        }
        guard version == CheckpointRecord.current, streams.count <= 3 else {
            throw RuntimeError(.unsupported, "\(path): version \(version) is not known")
        }
    }
}
