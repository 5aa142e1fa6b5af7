// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// The module table of docs/architecture.md, as SwiftPM targets. A target lists exactly the modules it may import;
// the build runs with --explicit-target-dependency-import-check error, so the compiler holds everybody to it.

import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency], linking flags: [String]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: [.unsafeFlags(flags)])
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func debian(_ name: String, _ package: String) -> Target {
    .systemLibrary(name: name, providers: [.apt([package])])
}

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

/// GRDB imports Foundation, whose static archives its own autolink entries leave out when modules are compiled for
/// dynamic linking, as the tests need them to be.
let foundation = [
    "-lFoundation", "-lFoundationInternationalization", "-lFoundationEssentials", "-lCoreFoundation",
    "-l_FoundationICU", "-l_FoundationCShims", "-l_FoundationCollections", "-ldl",
]

let package = Package(
    name: "wharf",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries of Debian's
        debian("CBZip2", "libbz2-dev"),
        debian("CISAL", "libisal-dev"),
        debian("CLZMA", "liblzma-dev"),
        debian("CNFTables", "libnftables-dev"),
        debian("CSeccomp", "libseccomp-dev"),
        debian("CZlib", "zlib1g-dev"),
        debian("CZstd", "libzstd-dev"),

        // The kernel and plain values
        .target(name: "CLinux"),
        .target(name: "CEarlyStart"),
        module("Linux", ["CLinux"]),
        module("JSON"),
        module("OCI", ["JSON"]),
        module("Archive", ["Linux", "CISAL", "CZstd", "CLZMA", "CBZip2"]),

        // The runtime's side
        module("Cgroups", ["Linux", "OCI"]),
        module("OCIRuntime", ["Linux", "OCI", "JSON", "Cgroups", "CSeccomp"]),
        module("ContainerLog", ["Linux", "JSON", "CZlib"]),
        module("Shim", ["Linux", "OCI", "JSON"]),
        module("Supervisor", ["Linux", "OCI", "JSON", "Cgroups", "OCIRuntime", "Shim", "ContainerLog"]),

        // The daemon's side
        module("EngineAPI", ["OCI", "JSON"]),
        module("HTTPMessage"),
        module("HTTPTransport", ["Linux", "HTTPMessage"] + nio),
        module("MetadataStore", ["JSON", grdb]),
        module("Images", ["Linux", "OCI", "JSON", "Archive", "EngineAPI", "MetadataStore", crypto, logging]),
        module("Volumes", ["Linux", "JSON", "EngineAPI", "MetadataStore", logging]),
        module("Networking", ["Linux", "JSON", "EngineAPI", "MetadataStore", "Shim", "CNFTables", logging]),
        module(
            "EngineCore",
            [
                "Linux", "JSON", "OCI", "Archive", "EngineAPI", "MetadataStore", "Cgroups", "ContainerLog", "Shim",
                "Images", "Volumes", "Networking", "GoTemplate", logging,
            ]),
        module(
            "APIServer",
            ["Linux", "JSON", "Archive", "EngineAPI", "HTTPMessage", "HTTPTransport", "EngineCore", logging]),
        module(
            "Daemon",
            [
                "Linux", "JSON", "OCI", "EngineAPI", "HTTPMessage", "HTTPTransport", "MetadataStore", "Shim",
                "Images", "Volumes", "Networking", "EngineCore", "APIServer", logging, lifecycle,
            ]),

        // The client's side
        module("HTTPClient", ["Linux", "HTTPMessage"]),
        module("APIClient", ["Linux", "JSON", "EngineAPI", "HTTPMessage", "HTTPClient"]),
        module("GoTemplate", ["JSON"]),
        module("CommandLine"),
        module(
            "CLI",
            ["JSON", "OCI", "EngineAPI", "APIClient", "HTTPClient", "GoTemplate", "CommandLine", "Linux"]),

        // The three programs
        program("wharf", ["CLI"], linking: ["-static-executable"]),
        program("wharfd", ["Daemon"], linking: ["-static-stdlib"] + foundation),
        program(
            "wharf-runtime", ["OCIRuntime", "Supervisor", "Linux", "OCI", "JSON", "Cgroups", "CEarlyStart"],
            // An entry point before the C library's: docs/decisions/0015
            linking: ["-static-executable", "-Xlinker", "--entry=wharf_start"]),

        // Tests: one target per module, and the suites that run the programs
        .executableTarget(
            name: "network-probe",
            dependencies: ["Linux", "EngineAPI", "MetadataStore", "Shim", "Networking", logging],
            path: "Tests/NetworkProbe", swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-static-stdlib"] + foundation)]),
        .executableTarget(
            name: "runtime-conformance", dependencies: ["JSON", "Linux"], path: "Tests/RuntimeConformance",
            swiftSettings: strict, linkerSettings: [.unsafeFlags(["-static-executable"])]),
        tests("NetworkingTests", ["Linux", "EngineAPI", "Networking"], exclude: ["Golden"]),
        tests("NetworkNamespaceTests", []),
        tests("LinuxTests", ["Linux"]),
        tests("JSONTests", ["JSON"]),
        tests("CommandLineTests", ["CommandLine", "JSON"]),
        tests("GoTemplateTests", ["GoTemplate", "JSON"]),
        tests("CLITests", ["CLI", "CommandLine", "JSON", "Linux", "EngineAPI"], exclude: ["Data"]),
        tests("EngineAPITests", ["EngineAPI", "JSON"], exclude: ["Fixtures"]),
        tests("HTTPMessageTests", ["HTTPMessage"]),
        tests("HTTPTransportTests", ["HTTPTransport", "HTTPMessage", "Linux"] + nio),
        tests(
            "APIServerTests",
            ["APIServer", "EngineAPI", "HTTPMessage", "HTTPTransport", "JSON"]),
        tests(
            "APIClientTests",
            ["APIClient", "EngineAPI", "HTTPClient", "HTTPMessage", "HTTPTransport", "JSON", "Linux"] + nio),
        tests("ContainerLogTests", ["ContainerLog", "JSON", "Linux"]),
        tests("ShimTests", ["Shim", "OCI", "JSON", "Linux"]),
        tests("SupervisorTests", ["Shim", "OCI", "JSON", "Linux", "ContainerLog", "Supervisor"]),
        tests("DaemonTests", ["Daemon", "EngineCore", "EngineAPI"]),
        .testTarget(
            name: "EngineCoreTests", dependencies: ["EngineCore", "EngineAPI", "JSON", "OCI"], exclude: ["Golden"],
            swiftSettings: strict),
        tests("VolumesTests", ["Volumes", "Linux", "EngineAPI", "MetadataStore"]),
        tests("CgroupsTests", ["Cgroups", "Linux", "OCI"]),
        tests("OCIRuntimeTests", ["OCIRuntime", "OCI", "JSON", "Linux"]),
        tests("RuntimeTests", ["OCIRuntime", "OCI", "JSON", "Cgroups", "Linux"], exclude: ["Fixtures"]),
        tests("Tidy", []),
        .testTarget(name: "IntegrationTests", dependencies: ["JSON"], exclude: ["Fixtures"], swiftSettings: strict),
        tests("MetadataStoreTests", ["MetadataStore", "JSON", grdb]),
        tests("OCITests", ["OCI", "JSON"]),
        tests("ArchiveTests", ["Archive", "Linux"]),
        tests(
            "ImagesTests", ["Images", "Archive", "OCI", "JSON", "EngineAPI", "MetadataStore", "Linux", crypto, logging]),
    ],
    swiftLanguageModes: [.v6]
)
