// SPDX-License-Identifier: Apache-2.0

import Glibc

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    var linesOfText: [String] { split(whereSeparator: \.isNewline).map(String.init) }

    var fields: [String] { split(whereSeparator: \.isWhitespace).map(String.init) }

    func contains(anyOf parts: [String]) -> Bool { parts.contains { contains($0) } }
}

/// Seconds on a clock that only goes on.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Asks again until `condition` holds, for `timeout` seconds at most: more than a loaded machine needs.
func eventually(_ timeout: Double = 15, every pause: Double = 0.02, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = now() + timeout
    repeat {
        if try condition() { return true }
        usleep(UInt32(pause * 1e6))
    } while now() < end
    return try condition()
}

func readFile(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(file, &buffer, buffer.count)
        if count <= 0 { return bytes }
        bytes += buffer[..<count]
    }
}

func readText(_ path: String) -> String? { readFile(path).map { String(decoding: $0, as: UTF8.self) } }

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Failure("\(path): errno \(errno)") }
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count > 0 else { throw Failure("\(path): errno \(errno)") }
        rest = rest.dropFirst(count)
    }
}

func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The names in a folder, sorted; none if there is no such folder.
func list(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    return count < 0 ? nil : String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// A new folder with a short name: Unix sockets below it must stay within 107 bytes. It says whose it is, for
/// Scripts/clean-up-tests.
func makeTemporaryFolder(_ prefix: String) throws -> String {
    var template = Array("/tmp/\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("mkdtemp: errno \(errno)") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try writeFile(path + "/owner", Array("\(getpid())".utf8))
    return path
}

/// Removes a folder with what is in it, never across a mount point.
func removeTree(_ path: String) {
    guard path.hasPrefix("/tmp/"), path.utf8.count > 6 else { return }
    _ = try? run(["rm", "-rf", "--one-file-system", path])
}
