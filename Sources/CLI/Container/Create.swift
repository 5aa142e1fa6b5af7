// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import Linux
internal import OCI

/// `create`: makes a container and prints its ID.
enum ContainerCreate {
    static func run(_ session: Session) throws -> Int32 {
        let help = HelpHint(session)
        let request = try help.on {
            try CreateRequestBuilder.build(
                session.flags, arguments: session.arguments, environment: session.console.environment)
        }
        try help.on { try check(session) }
        // Docker says no more than the engine's own words here, unlike in `run`.
        session.console.print(try create(session, request))
        return 0
    }

    /// Makes the container, fetching its image if it is not there, and writes the ID file.
    static func create(_ session: Session, _ request: ContainerCreateRequest) throws -> String {
        try check(session)
        let cidfile = session.flags.text("cidfile")
        let pull = session.flags.text("pull")
        let image = try reference(request.config.image)
        let client = try session.client()
        var request = request
        try addSocket(session, to: &request)
        if !(request.hostConfig.mounts ?? []).isEmpty, session.flags.isGiven("volume-driver") {
            session.console.complain(
                "WARNING: `--volume-driver` is ignored for volumes specified via `--mount`. "
                    + "Use `--mount type=volume,volume-driver=...` instead.")
        }
        let file = try cidfile.isEmpty ? nil : IDFile(cidfile)
        if pull == "always", let image { try fetch(image, session, client) }
        let response = try ask(session, client, request, fetching: pull == "missing" ? image : nil)
        for warning in response.warnings { session.console.complain("WARNING: \(warning)") }
        try file?.write(response.id)
        return response.id
    }

    /// Refuses what can be known to fail without asking the engine.
    static func check(_ session: Session) throws {
        let pull = session.flags.text("pull")
        guard ["always", "missing", "never"].contains(pull) else {
            throw Failure("invalid pull option: '\(pull)': must be one of \"always\", \"missing\" or \"never\"")
        }
        let cidfile = session.flags.text("cidfile")
        if !cidfile.isEmpty, HostPath.exists(cidfile) {
            throw Failure(
                "container ID file found, make sure the other container isn't running or delete \(cidfile)")
        }
        if let platform = session.flags.string("platform") { try PlatformFlag.check(platform) }
        _ = try reference(session.arguments[0])
    }

    /// With `--use-api-socket`: the socket of the engine that this is sent to, at the place where clients look for it.
    private static func addSocket(_ session: Session, to request: inout ContainerCreateRequest) throws {
        guard session.flags.bool("use-api-socket") else { return }
        let place = "/var/run/docker.sock"
        let mount = MountRequest(
            type: "bind", source: try session.socketPath() ?? place, target: place, bindOptions: BindOptions())
        request.hostConfig.mounts = (request.hostConfig.mounts ?? []) + [mount]
    }

    /// Asks for the container; where there is no such image, fetches it and asks again.
    private static func ask(
        _ session: Session, _ client: EngineClient, _ request: ContainerCreateRequest, fetching image: ImageReference?
    ) throws -> ContainerCreateResponse {
        let name = session.flags.string("name")
        let platform = session.flags.string("platform")
        do throws(ClientError) {
            return try client.createContainer(request, name: name, platform: platform)
        } catch {
            guard error.isNotFound, let image else { throw error }
            if !session.flags.bool("quiet") {
                session.console.complain("Unable to find image '\(image.tagged.familiar)' locally")
            }
            try fetch(image, session, client)
        }
        return try client.createContainer(request, name: name, platform: platform)
    }

    /// The image as a name; nil if it is an ID.
    private static func reference(_ text: String) throws -> ImageReference? {
        if text.utf8.count == 64, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) {
            return nil
        }
        if text.hasPrefix("sha256:") { return nil }
        do throws(ReferenceError) { return try ImageReference(text) } catch { throw Failure("\(error)") }
    }

    private static func fetch(_ image: ImageReference, _ session: Session, _ client: EngineClient) throws {
        let tagged = image.tagged
        let tag = tagged.digest.map { "\($0)" } ?? tagged.tag
        let stream = try client.pullImage(tagged.repository, tag: tag)
        try ProgressDisplay.show(
            stream, on: session.console.error, session.console, isQuiet: session.flags.bool("quiet"))
    }

}

/// The file of `--cidfile`. It is made before the container, so that there is none whose ID can't be told; one that
/// nothing was written to is taken away again.
private final class IDFile {
    private let path: String
    private let file: FileDescriptor
    private var isWritten = false

    init(_ path: String) throws {
        self.path = path
        do {
            // O_WRONLY, O_CREAT, O_EXCL: never over a file that came meanwhile.
            file = try FileDescriptor.open(path, 0o1 | 0o100 | 0o200, mode: 0o644)
        } catch { throw Failure("failed to create the container ID file: \(error)") }
    }

    deinit { if !isWritten { try? HostPath.remove(path) } }

    func write(_ id: String) throws {
        do {
            try file.writeAll(Array(id.utf8))
            isWritten = true
        } catch { throw Failure("failed to write the container ID to the file: \(error)") }
    }
}

/// Adds what `run` and `create` say after an error.
struct HelpHint {
    private let session: Session

    init(_ session: Session) { self.session = session }

    func on<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch {
            let given = error as? Failure
            if let given, given.text.isEmpty { throw given }
            throw worded(Failure.text(of: error), status: 125)
        }
    }

    func worded(_ text: String, status: Int32) -> Failure {
        Failure(
            "\(session.parsed.program): \(text)\n\nRun '\(session.parsed.program) \(verb) --help' for more information",
            status: status)
    }

    /// Docker names the short command, whichever was called.
    private var verb: String { session.parsed.command.path == "container create" ? "create" : "run" }
}
