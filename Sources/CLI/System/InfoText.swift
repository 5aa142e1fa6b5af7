// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// The layout of `info`.
enum InfoText {
    static func server(_ info: SystemInfo) -> String {
        var lines = counts(info)
        lines += plugins(info)
        lines += runtimes(info)
        lines += security(info)
        lines += host(info)
        lines += settings(info)
        return lines.map { " \($0)\n" }.joined() + "\n"
    }

    private static func counts(_ info: SystemInfo) -> [String] {
        var lines = [
            "Containers: \(info.containers)", " Running: \(info.containersRunning)",
            " Paused: \(info.containersPaused)", " Stopped: \(info.containersStopped)", "Images: \(info.images)",
        ]
        append(&lines, "Server Version", info.serverVersion)
        append(&lines, "Storage Driver", info.driver)
        lines += info.driverStatus.filter { $0.count == 2 }.map { " \($0[0]): \($0[1])" }
        append(&lines, "Logging Driver", info.loggingDriver)
        append(&lines, "Cgroup Driver", info.cgroupDriver)
        append(&lines, "Cgroup Version", info.cgroupVersion ?? "")
        return lines
    }

    private static func plugins(_ info: SystemInfo) -> [String] {
        var lines = ["Plugins:", " Volume: \(info.plugins.volume.joined(separator: " "))"]
        lines.append(" Network: \(info.plugins.network.joined(separator: " "))")
        if let authorization = info.plugins.authorization, !authorization.isEmpty {
            lines.append(" Authorization: \(authorization.joined(separator: " "))")
        }
        lines.append(" Log: \(info.plugins.log.joined(separator: " "))")
        if !info.cdiSpecDirs.isEmpty { lines += ["CDI spec directories:"] + info.cdiSpecDirs.map { " \($0)" } }
        append(&lines, "Swarm", info.swarm.localNodeState)
        return lines
    }

    private static func runtimes(_ info: SystemInfo) -> [String] {
        var lines: [String] = []
        if !info.runtimes.isEmpty {
            lines.append("Runtimes: \(info.runtimes.keys.sorted().joined(separator: " "))")
            lines.append("Default Runtime: \(info.defaultRuntime)")
        }
        append(&lines, "Init Binary", info.initBinary)
        lines.append("containerd version: \(info.containerdCommit.id)")
        lines.append("runc version: \(info.runcCommit.id)")
        lines.append("init version: \(info.initCommit.id)")
        return lines
    }

    /// `name=seccomp,profile=builtin` becomes `seccomp` and, under it, `Profile: builtin`.
    private static func security(_ info: SystemInfo) -> [String] {
        if info.securityOptions.isEmpty { return [] }
        var lines = ["Security Options:"]
        for option in info.securityOptions {
            for field in option.split(separator: ",") {
                let pair = field.split(separator: "=", maxSplits: 1).map(String.init)
                guard pair.count == 2 else { continue }
                if pair[0] == "name" {
                    lines.append(" \(pair[1])")
                } else {
                    lines.append("  \(pair[0].prefix(1).uppercased())\(pair[0].dropFirst()): \(pair[1])")
                }
            }
        }
        return lines
    }

    private static func host(_ info: SystemInfo) -> [String] {
        var lines: [String] = []
        append(&lines, "Kernel Version", info.kernelVersion)
        append(&lines, "Operating System", info.operatingSystem)
        append(&lines, "OSType", info.osType)
        append(&lines, "Architecture", info.architecture)
        lines.append("CPUs: \(info.cpus)")
        lines.append("Total Memory: \(Human.binarySize(info.memoryTotal))")
        append(&lines, "Name", info.name)
        append(&lines, "ID", info.id)
        append(&lines, "Docker Root Dir", info.dockerRootDir)
        return lines
    }

    private static func settings(_ info: SystemInfo) -> [String] {
        var lines = ["Debug Mode: \(info.debug)"]
        if info.debug {
            lines += [
                " File Descriptors: \(info.fileDescriptors)", " Goroutines: \(info.goroutines)",
                " System Time: \(info.systemTime)", " EventsListeners: \(info.eventListeners)",
            ]
        }
        append(&lines, "HTTP Proxy", info.httpProxy)
        append(&lines, "HTTPS Proxy", info.httpsProxy)
        append(&lines, "No Proxy", info.noProxy)
        if !info.labels.isEmpty { lines += ["Labels:"] + info.labels.map { " \($0)" } }
        lines.append("Experimental: \(info.experimentalBuild)")
        let insecure = info.registryConfig.insecureRegistryCIDRs
        if !insecure.isEmpty { lines += ["Insecure Registries:"] + insecure.map { " \($0)" } }
        if !info.registryConfig.mirrors.isEmpty {
            lines += ["Registry Mirrors:"] + info.registryConfig.mirrors.map { " \($0)" }
        }
        lines.append("Live Restore Enabled: \(info.liveRestoreEnabled)")
        append(&lines, "Product License", info.productLicense ?? "")
        return lines
    }

    private static func append(_ lines: inout [String], _ name: String, _ value: String) {
        if !value.isEmpty { lines.append("\(name): \(value)") }
    }
}
