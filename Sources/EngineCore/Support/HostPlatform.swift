// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCI

/// This machine as Docker names it in what it says to users: `linux/amd64/v3`.
enum HostPlatform {
    static let description = describe(
        Platform.host, cpuinfo: (try? HostPath.read("/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? "")

    static func describe(_ platform: Platform, cpuinfo: String) -> String {
        var platform = platform
        if platform.architecture == "amd64" { platform.variant = "v\(level(cpuinfo))" }
        if platform.architecture == "arm64" { platform.variant = "v8" }
        return platform.description
    }

    /// What each level of x86-64 adds to the one before, by the kernel's names.
    private static let levels: [Set<Substring>] = [
        ["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"],
        ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"],
        ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"],
    ]

    private static func level(_ cpuinfo: String) -> Int {
        let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("flags") }
        let flags = Set(line?.split(separator: " ") ?? [])
        return 1 + levels.prefix { $0.isSubset(of: flags) }.count
    }
}
