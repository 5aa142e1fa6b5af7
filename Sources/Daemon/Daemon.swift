// SPDX-License-Identifier: Apache-2.0

internal import APIServer
internal import EngineAPI
internal import EngineCore
internal import Glibc
internal import HTTPTransport
internal import Images
internal import Linux
internal import Logging
internal import MetadataStore
internal import Networking
internal import ServiceLifecycle
internal import Shim
internal import UnixSignals
internal import Volumes

/// The composition root: makes everything, in the order in which one needs the other, and runs until told to stop.
///
/// Stopping leaves containers alone: they have their own supervisors, and the next daemon takes them over.
package enum Daemon {
    /// Runs `wharfd arguments…` and returns its exit code.
    package static func main(_ arguments: [String]) async -> Int32 {
        do {
            switch try ConfigurationReader.read(arguments) {
            case .help: print(DaemonHelp.text, terminator: "")
            case .version: print("Wharf version \(ProductVersion.wharf)")
            case .validate: print("configuration OK")
            case .run(let configuration): try await run(configuration)
            }
            return 0
        } catch {
            let text = Array("wharfd: \(error)\n".utf8)
            _ = text.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
            return 1
        }
    }

    private static func run(_ configuration: Configuration) async throws {
        try prepareProcess()
        let logger = try makeLogger(configuration)
        try HostPath.makeDirectories(configuration.execRoot, mode: 0o700)
        try DataRoot.prepare(configuration.dataRoot)
        let locks = try [configuration.dataRoot, configuration.execRoot].map { try StateLock(directory: $0) }
        defer { withExtendedLifetime(locks) {} }
        // BEFORE anything is changed: another daemon may have them. Nobody is let in yet.
        let sockets = try Sockets(configuration, logger: logger)
        defer { sockets.remove() }
        let engine = try await makeEngine(configuration, logger)
        defer { engine.stop() }
        let api = APIServer(engine: engine, logger: logger)
        let server = HTTPServer(handler: { await api.handle($0) })
        if let path = configuration.pidFile { try HostPath.write("\(getpid())\n", to: path) }
        defer { if let path = configuration.pidFile { try? HostPath.remove(path) } }
        let service = APIService(server: server, sockets: sockets, logger: logger)
        let group = ServiceGroup(
            services: [AlarmService(engine: engine), service], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        try await group.run()
    }

    private static func makeEngine(_ configuration: Configuration, _ logger: Logger) async throws -> Engine {
        let runtime = try runtimePath(configuration)
        let metadata = try MetadataStore(path: configuration.dataRoot + "/wharf.db")
        let launcher = try ShimLauncher(executable: runtime, cgroupParent: configuration.cgroupParent)
        let volumes = try VolumeStore(root: configuration.dataRoot + "/volumes", metadata: metadata)
        var network = NetworkConfiguration(execRoot: configuration.execRoot, runtime: runtime)
        network.bridge = configuration.bridge
        network.bridgeAddress = configuration.bridgeAddress
        let observer = configuration.failingSteps.map(FailingSteps.observer)
        network.stepObserver = observer
        let networks = try Networks(
            metadata: metadata, configuration: network, launcher: launcher, logger: logger)
        var settings = EngineConfiguration(
            dataRoot: configuration.dataRoot, execRoot: configuration.execRoot,
            cgroupParent: configuration.cgroupParent, version: ProductVersion.wharf,
            debug: configuration.logLevel == .debug)
        settings.log = configuration.log
        settings.runtimes = configuration.runtimes
        settings.stepObserver = observer
        let engine = try Engine(
            configuration: settings, host: .probe(), metadata: metadata, volumes: volumes, networks: networks,
            launcher: launcher, logger: logger
        ) { onEvent in
            try ImageStore(root: configuration.dataRoot, metadata: metadata, logger: logger, onEvent: onEvent)
        }
        for record in metadata.quarantined {
            logger.error("a stored record can't be read and is set aside", metadata: ["record": "\(record)"])
        }
        try await networks.start()
        try await engine.recover()
        return engine
    }

    /// `wharf-runtime`, by default the one beside this program.
    private static func runtimePath(_ configuration: Configuration) throws -> String {
        if let path = configuration.runtimePath { return path }
        let own = try FileDescriptor.open("/proc/self", O_PATH).readSymbolicLink("exe").description
        guard let slash = own.lastIndex(of: "/") else { throw ConfigurationError("no path of its own: \(own)") }
        return own[..<slash] + "/wharf-runtime"
    }

    private static func prepareProcess() throws {
        signal(SIGPIPE, SIG_IGN)
        umask(0o022)
        // Sockets, mounts and logs of many containers: as many descriptors as this process may have.
        DescriptorLimit.raise()
        guard geteuid() == 0 else { throw ConfigurationError("it must run as root") }
    }

    private static func makeLogger(_ configuration: Configuration) throws -> Logger {
        let output: SharedDescriptor
        if let path = configuration.logFile {
            output = SharedDescriptor(try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600))
        } else {
            output = SharedDescriptor(try FileDescriptor(duplicating: 2))
        }
        let level: Logger.Level =
            switch configuration.logLevel {
            case .debug: .debug
            case .info: .info
            case .warn: .warning
            case .error: .error
            case .fatal: .critical
            }
        let showsTime = configuration.logFile != nil || getenv("JOURNAL_STREAM") == nil
        return Logger(label: "wharfd") { label in
            LineLog(label: label, level: level, output: output, showsTime: showsTime)
        }
    }
}

/// Restarts and health checks, until the daemon is told to stop.
private struct AlarmService: Service {
    let engine: Engine

    func run() async throws { await cancelWhenGracefulShutdown { await engine.run() } }
}

/// Serves the API until the daemon is told to stop.
private struct APIService: Service {
    let server: HTTPServer
    let sockets: Sockets
    let logger: Logger

    func run() async throws {
        for (name, socket) in sockets.descriptors {
            try await server.serve(try socket.descriptor.duplicate())
            logger.info("API listen on \(name)")
        }
        ServiceNotification.ready()
        try? await gracefulShutdown()
        ServiceNotification.stopping()
        await server.shutdown()
    }
}
