// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Small text files and directories of cgroup file systems, by host path.
enum HostFile {
    static let readOnly: Int32 = O_RDONLY
    static let writeOnly: Int32 = O_WRONLY

    static func exists(_ path: String) -> Bool { path.withCString { access($0, F_OK) } == 0 }

    /// Whether a path is in a cgroup file system of either version: a place to mount one is not one.
    static func isCgroup(_ path: String) -> Bool {
        guard let type = try? FileDescriptor.filesystemType(ofHostPath: path) else { return false }
        return type == 0x27_e0eb || type == Cgroups.unifiedMagic
    }

    static func read(_ path: String) throws(CgroupError) -> String {
        try cgroupStep { () throws(Errno) in
            String(decoding: try FileDescriptor.open(path, O_RDONLY).readAll(limit: 1 << 20), as: UTF8.self)
        }
    }

    /// The one number that a file has; `max` is the greatest there is.
    static func number(_ path: String) throws(CgroupError) -> UInt64 {
        let text = try read(path)
        let word = text.prefix { !$0.isWhitespace }
        if word == "max" { return .max }
        guard let value = UInt64(word) else { throw CgroupError("cgroup: \(path) has no number: \"\(word)\"") }
        return value
    }

    /// A file of a controller and what is to be in it. Where the file is missing, one that is `needed` is an error.
    struct Setting {
        var file: String
        var value: String
        var needed = true
    }

    /// Writes all, each as often as it takes until the others have made it possible; throws what the last round says.
    static func inAnyOrder(
        _ settings: [Setting], _ write: (Setting) throws(CgroupError) -> Void
    ) throws(CgroupError) {
        var left = settings
        while !left.isEmpty {
            var failed: [Setting] = []
            var failure: CgroupError?
            for setting in left {
                do throws(CgroupError) { try write(setting) } catch {
                    failed.append(setting)
                    failure = failure ?? error
                }
            }
            if let failure, failed.count == left.count { throw failure }
            left = failed
        }
    }

    static func write(_ text: String, to path: String) throws(CgroupError) {
        try cgroupStep { () throws(Errno) in
            let file = try FileDescriptor.open(path, O_WRONLY)
            try file.writeOnce(text, "\"\(text)\" to \(path)")
        }
    }

    /// A file that takes one rule for each write(2).
    final class Writer {
        private let file: FileDescriptor
        private let path: String

        init(_ path: String) throws(CgroupError) {
            self.path = path
            file = try cgroupStep { () throws(Errno) in try FileDescriptor.open(path, O_WRONLY) }
        }

        func write(_ text: String) throws(CgroupError) {
            try cgroupStep { () throws(Errno) in try file.writeOnce(text, "\"\(text)\" to \(path)") }
        }
    }

    enum Made {
        case now, before, parentIsMissing
    }

    /// - Throws: also where the parent is missing, unless it may be.
    @discardableResult
    static func makeDirectory(_ path: String, parentMayBeMissing: Bool) throws(CgroupError) -> Made {
        if path.withCString({ mkdir($0, 0o755) }) == 0 { return .now }
        let error = Errno.last("mkdir", path)
        if error.code == .exists { return .before }
        if error.code == .noEntry, parentMayBeMissing { return .parentIsMissing }
        throw CgroupError(error)
    }

    static func processes(below directory: String) throws(CgroupError) -> [Int32] {
        var result: [Int32] = []
        let text = try? read("\(directory)/cgroup.procs")
        // The process may be in a pid namespace we can't see: listed as 0.
        for line in (text ?? "").split(separator: "\n") {
            if let pid = Int32(line), pid > 0 { result.append(pid) }
        }
        for name in subdirectories(directory) { result += try processes(below: "\(directory)/\(name)") }
        return result
    }

    static func subdirectories(_ path: String) -> [String] { names(path, UInt8(DT_DIR)) }
    static func files(_ path: String) -> [String] { names(path, UInt8(DT_REG)) }

    private static func names(_ path: String, _ type: UInt8) -> [String] {
        guard let stream = path.withCString({ opendir($0) }) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == type else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a group and those a container made below it; waits up to two seconds for the last processes to go.
    static func removeTree(_ path: String) throws(CgroupError) {
        var delay: UInt32 = 1
        var waited: UInt32 = 0
        while path.withCString({ rmdir($0) }) != 0 {
            let error = Errno.last("rmdir", path)
            if error.code == .noEntry { return }
            guard error.code == .busy, waited < 2000 else { throw CgroupError("cgroup: \(error)") }
            for name in subdirectories(path) { try removeTree("\(path)/\(name)") }
            sleep(milliseconds: delay)
            waited += delay
            delay = min(delay * 2, 50)
        }
    }

    static func signal(_ pid: Int32, _ signal: Int32) { _ = Glibc.kill(pid, signal) }

    static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }

    /// The number that follows `key` in a flat-keyed file; 0 when it is not there.
    static func number(after key: String, in text: String) -> UInt64 {
        for line in text.split(separator: "\n") where line.hasPrefix(key) {
            return UInt64(line.dropFirst(key.utf8.count)) ?? 0
        }
        return 0
    }
}
