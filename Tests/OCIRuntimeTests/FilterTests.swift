// SPDX-License-Identifier: Apache-2.0

import Glibc
import OCI
import Testing

@testable import OCIRuntime

@Suite struct FilterCacheTests {
    private static let section = Array(
        #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","no_such_call"],"action":"SCMP_ACT_ERRNO"}]}"#
            .utf8)

    @Test func keyIsOfTheContent() {
        let other = FilterCacheTests.section.map { $0 == UInt8(ascii: "m") ? UInt8(ascii: "n") : $0 }
        #expect(FilterCache.key(FilterCacheTests.section) == FilterCache.key(FilterCacheTests.section))
        #expect(FilterCache.key(FilterCacheTests.section) != FilterCache.key(other))
        #expect(FilterCache.key([]) != FilterCache.key([0]))
    }

    @Test func secondReadComesFromTheFile() throws {
        let directory = temporary()
        defer { remove(directory) }
        let cache = FilterCache(directory: directory)
        let compiled = try cache.filter(for: FilterCacheTests.section)
        #expect(compiled.program.count % 8 == 0)
        #expect(!compiled.program.isEmpty)
        // A file that says something else is believed only if it has the same source: mark it, and see the mark.
        let path = "\(directory)/\(FilterCache.key(FilterCacheTests.section))"
        var bytes = read(path)
        #expect(!bytes.isEmpty)
        bytes[bytes.count - 1] ^= 0xff
        write(path, bytes)
        #expect(try cache.filter(for: FilterCacheTests.section) != compiled)
        // With another source under that name, it is compiled anew.
        bytes[30] ^= 0xff
        write(path, bytes)
        #expect(try cache.filter(for: FilterCacheTests.section) == compiled)
    }

    @Test func keepsOnlySoMany() throws {
        let directory = temporary()
        let cache = FilterCache(directory: directory)
        let section = { (number: Int) in
            Array(#"{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":\#(number + 1)}"#.utf8)
        }
        for number in 0..<(FilterCache.limit + 3) {
            _ = try cache.filter(for: section(number))
        }
        var names: [String] = []
        let stream = try #require(opendir(directory))
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        closedir(stream)
        names.removeAll { $0 == "." || $0 == ".." }
        #expect(names.count == FilterCache.limit)
        // The newest is still there, the oldest is not.
        let key = { (number: Int) in FilterCache.key(section(number)) }
        #expect(names.contains(key(FilterCache.limit + 2)) && !names.contains(key(0)))
        for name in names { unlink("\(directory)/\(name)") }
        #expect(rmdir(directory) == 0)
    }

    @Test(arguments: [
        (#"{"defaultAction":"SCMP_ACT_NOTIFY"}"#, "SCMP_ACT_NOTIFY"),
        (#"{"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_NEW_LISTENER"]}"#, "NEW_LISTENER"),
        (#"{"defaultAction":"SCMP_ACT_ALLOW","listenerMetadata":"x"}"#, "listenerMetadata needs listenerPath"),
        (
            #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_NOTIFY"}]}"#,
            "listenerPath must be"
        ),
        (
            #"{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/x","syscalls":[{"names":["sendmsg"],"action":"SCMP_ACT_NOTIFY"}]}"#,
            "sendmsg"
        ),
        (#"{"defaultAction":"SCMP_ACT_NOPE"}"#, "SCMP_ACT_NOPE"),
        (#"{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_VAX"]}"#, "SCMP_ARCH_VAX"),
    ])
    func refusesByName(_ json: String, _ name: String) {
        let error = #expect(throws: RuntimeError.self) { try FilterCache(directory: nil).filter(for: Array(json.utf8)) }
        #expect(error?.message.contains(name) == true)
    }

    private func temporary() -> String {
        var template = Array("/tmp/wharf-filter-XXXXXX".utf8CString)
        return String(cString: mkdtemp(&template))
    }

    private func read(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(file, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }

    private func write(_ path: String, _ bytes: [UInt8]) {
        let file = open(path, O_WRONLY | O_TRUNC)
        defer { close(file) }
        #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
    }

    private func remove(_ directory: String) {
        unlink("\(directory)/\(FilterCache.key(FilterCacheTests.section))")
        rmdir(directory)
    }
}
