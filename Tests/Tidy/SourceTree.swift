// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#endif

/// The project's own files.
struct SourceTree {
    let root: String

    private static let folders = ["Sources", "Tests", "Bench", "Scripts", "Packaging", ".ci"]

    /// Everything below Sources, Tests, Bench, Scripts, Packaging and .ci that the rules speak about, and
    /// Package.swift.
    func files() -> [SourceFile] {
        var paths = ["Package.swift"]
        for folder in Self.folders { collect(folder, into: &paths, if: Self.isSource) }
        return paths.sorted().compactMap { path in
            guard let text = read(path), !text.contains("\0") else { return nil }
            return SourceFile(path: path, text: text)
        }
    }

    /// All that is wrong, after the exceptions.
    func complaints() -> [String] {
        let files = files()
        guard files.count > 20 else { return ["\(root): no source tree here"] }
        var findings = files.flatMap { file in Rule.all.flatMap { $0.findings(in: file) } }
        let documented = ModuleTable(documentation: read("docs/architecture.md") ?? "")
        findings += files.filter { $0.path.hasSuffix(".swift") }.flatMap(documented.findings)
        let package = ModuleTable(package: read("Package.swift") ?? "")
        return Exceptions.apply(to: findings) + ModuleTable.differences(documentation: documented, package: package)
            + documentComplaints(files)
    }

    private func documentComplaints(_ files: [SourceFile]) -> [String] {
        var paths = ["README.md", "Makefile", "Package.swift"]
        for folder in Self.folders + ["docs"] { collect(folder, into: &paths) { _, _ in true } }
        let documents = Documents(paths: paths)
        // The rules' own tests name what is not there.
        let texts =
            files.filter { !$0.path.hasPrefix("Tests/Tidy/") }.map { ($0.path, $0.text) }
            + paths.filter { $0.hasSuffix(".md") && !$0.hasPrefix("docs/decisions/0000") }.map { ($0, read($0) ?? "") }
        return texts.flatMap { documents.complaints(in: $0.1, of: $0.0) }
    }

    func read(_ path: String) -> String? {
        guard let file = fopen(root + "/" + path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func collect(
        _ folder: String, into paths: inout [String], if isWanted: (_ name: String, _ folder: String) -> Bool
    ) {
        guard let directory = opendir(root + "/" + folder) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let path = folder + "/" + name
            if name == "." || name == ".." { continue }
            if entry.pointee.d_type == UInt8(DT_DIR) {
                collect(path, into: &paths, if: isWanted)
            } else if isWanted(name, folder) {
                paths.append(path)
            }
        }
    }

    private static func isSource(_ name: String, _ folder: String) -> Bool {
        // Fixtures and golden files are data.
        let data = ["Fixtures", "Golden", "__pycache__"]
        if folder.split(separator: "/").contains(where: { data.contains(String($0)) }) { return false }
        if folder == "Scripts" || folder == "Bench" || folder == "Packaging" || folder == ".ci" { return true }
        return [".swift", ".c", ".h", ".py", ".sh"].contains { name.hasSuffix($0) }
    }
}
