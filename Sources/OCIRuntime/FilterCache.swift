// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCI

/// A compiled system call filter.
struct SystemCallFilter: Equatable {
    /// SECCOMP_FILTER_FLAG_*.
    var flags: UInt32
    /// Eight bytes for each BPF instruction.
    var program: [UInt8]

    /// SECCOMP_FILTER_FLAG_NEW_LISTENER: some calls are answered by an agent.
    static let newListener: UInt32 = 8
    var hasListener: Bool { flags & SystemCallFilter.newListener != 0 }

    /// Loads it, and gives away its listener where it has one.
    func load(_ handOver: (borrowing FileDescriptor) throws(RuntimeError) -> Void) throws(RuntimeError) {
        var failure: Linux.Errno?
        var listener: FileDescriptor?
        program.withUnsafeBytes { bytes in
            do throws(Linux.Errno) { listener = try CurrentProcess.loadFilter(bytes, flags: flags) } catch {
                failure = error
            }
        }
        if let failure { throw RuntimeError(failure, at: "loading the seccomp filter") }
        if let listener { try handOver(listener) }
    }
}

/// Compiled filters by the content they were compiled from. A file has the whole source in it, which is compared byte
/// for byte: what its name is derived from need not be a strong digest (rule R24).
struct FilterCache {
    /// Absolute; nil: nothing is kept.
    let directory: String?

    /// How many files there may be: when there are more, the oldest go.
    static let limit = 64

    /// Grows when the compiler's output changes.
    private static let magic = Array("wharf-bpf-3\n".utf8)

    func filter(for section: [UInt8]) throws(RuntimeError) -> SystemCallFilter {
        let name = FilterCache.key(section)
        if let directory, let filter = FilterCache.read("\(directory)/\(name)", section) { return filter }
        let filter = try compile(section)
        if let directory { FilterCache.write(filter, section, directory: directory, name: name) }
        return filter
    }

    private func compile(_ section: [UInt8]) throws(RuntimeError) -> SystemCallFilter {
        let rules: RuntimeSpec.Seccomp
        do throws(JSONError) { rules = try JSON.read(RuntimeSpec.Seccomp.self, from: section) } catch {
            let place = error.place.isEmpty ? "" : ".\(error.place)"
            throw RuntimeError(.invalid, "config.json: linux.seccomp\(place): \(error.reason)")
        }
        var flags: UInt32 = 0
        for (index, flag) in (rules.flags ?? []).enumerated() {
            switch flag {
            case "SECCOMP_FILTER_FLAG_TSYNC": break  // There is one thread.
            case "SECCOMP_FILTER_FLAG_LOG": flags |= 2
            case "SECCOMP_FILTER_FLAG_SPEC_ALLOW": flags |= 4
            case "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV": flags |= 32
            default:
                throw RuntimeError(
                    .invalid,
                    "linux.seccomp.flags[\(index)]: \"\(flag)\" must be one of SECCOMP_FILTER_FLAG_LOG, "
                        + "SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_FILTER_FLAG_TSYNC, "
                        + "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")
            }
        }
        if try FilterCompiler.notifies(rules) {
            flags |= SystemCallFilter.newListener
        } else {
            // The kernel takes it of a filter that notifies only.
            flags &= ~32
        }
        return SystemCallFilter(flags: flags, program: try FilterCompiler.compile(rules))
    }

    /// FNV-1a over eight bytes at a time, and the length.
    static func key(_ section: [UInt8]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        section.withUnsafeBytes { bytes in
            var offset = 0
            while offset + 8 <= bytes.count {
                hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0x100_0000_01b3
                hash ^= hash >> 29
                offset += 8
            }
            for byte in bytes[offset...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return String(hash, radix: 16) + "-\(section.count).bpf"
    }

    /// magic, flags (4), length of the source (4), source, program.
    private static func read(_ path: String, _ section: [UInt8]) -> SystemCallFilter? {
        guard let file = try? FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW),
            let status = try? file.status(), status.isRegular, status.uid == geteuid(), status.mode & 0o022 == 0,
            let bytes = try? file.readAll(limit: 4 << 20), bytes.count > magic.count + 8 + section.count,
            bytes.starts(with: magic)
        else { return nil }
        func word(_ at: Int) -> UInt32 {
            bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: magic.count + at, as: UInt32.self) }
        }
        let start = magic.count + 8
        let end = start + section.count
        guard word(4) == UInt32(section.count) else { return nil }
        let same = bytes.withUnsafeBytes { bytes in
            section.withUnsafeBytes { section in
                section.elementsEqual(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            }
        }
        guard same else { return nil }
        return SystemCallFilter(flags: word(0), program: Array(bytes[end...]))
    }

    /// Written to a name of our own, then renamed. A cache that can't be written is no reason to fail.
    private static func write(_ filter: SystemCallFilter, _ section: [UInt8], directory: String, name: String) {
        _ = directory.withCString { mkdir($0, 0o700) }
        var content = magic
        for word in [filter.flags, UInt32(section.count)] {
            withUnsafeBytes(of: word) { content.append(contentsOf: $0) }
        }
        content += section
        content += filter.program
        let temporary = "\(directory)/.\(name).\(getpid())"
        do throws(Linux.Errno) {
            let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o600)
            try file.writeAll(content)
        } catch {
            _ = unlink(temporary)
            return
        }
        if rename(temporary, "\(directory)/\(name)") != 0 { _ = unlink(temporary) }
        dropOldest(directory)
    }

    private static func dropOldest(_ directory: String) {
        guard let names = try? HostPath.names(in: directory), names.count > limit else { return }
        var ages: [(path: String, seconds: Int, nanoseconds: Int)] = []
        for name in names {
            let path = "\(directory)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            ages.append((path, status.st_mtim.tv_sec, status.st_mtim.tv_nsec))
        }
        ages.sort { ($0.seconds, $0.nanoseconds) < ($1.seconds, $1.nanoseconds) }
        for old in ages.dropLast(limit) { _ = unlink(old.path) }
    }
}
