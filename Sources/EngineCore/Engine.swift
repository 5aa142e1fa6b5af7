// SPDX-License-Identifier: Apache-2.0

package import Archive
package import EngineAPI
package import JSON

/// The container engine: everything the API can ask for, as typed calls. It composes images, volumes, networks and
/// shims, and is the only thing that does.
///
/// `ref` is a name, an ID or a unique prefix of one. Everything throws `EngineError`. Calls that only read answer from
/// published snapshots and never wait for a container.
package final class Engine: Sendable {
    package init() {}
}

// MARK: System

extension Engine {
    package func version() -> SystemVersion { SystemVersion() }

    package func info() async throws -> SystemInfo { throw Self.todo("info") }

    /// What happened and happens, until `until`; ends early for a listener that does not read.
    package func events(since: Timestamp?, until: Timestamp?, filters: Filters) throws -> AsyncStream<EventMessage> {
        throw Self.todo("events")
    }

    package func diskUsage() async throws -> DiskUsage { throw Self.todo("system df") }

    static func todo(_ what: String) -> EngineError { EngineError(.notImplemented, "\(what) is not implemented yet") }
}

// MARK: Containers

extension Engine {
    package func createContainer(
        _ request: ContainerCreateRequest, name: String?, platform: String?
    ) async throws
        -> ContainerCreateResponse
    { throw Self.todo("create") }

    package func containers(all: Bool, limit: Int, size: Bool, filters: Filters) async throws -> [ContainerSummary] {
        throw Self.todo("ps")
    }

    package func inspectContainer(_ ref: String, size: Bool) async throws -> ContainerInspect {
        throw Self.todo("inspect")
    }

    /// Throws `.notModified` when it runs already.
    package func startContainer(_ ref: String, detachKeys: String?) async throws { throw Self.todo("start") }

    /// Throws `.notModified` when it does not run. `timeout`: seconds before SIGKILL; negative means never.
    package func stopContainer(_ ref: String, timeout: Int?, signal: String?) async throws { throw Self.todo("stop") }

    package func restartContainer(_ ref: String, timeout: Int?, signal: String?) async throws {
        throw Self.todo("restart")
    }

    package func killContainer(_ ref: String, signal: String?) async throws { throw Self.todo("kill") }

    package func pauseContainer(_ ref: String) async throws { throw Self.todo("pause") }

    package func unpauseContainer(_ ref: String) async throws { throw Self.todo("unpause") }

    package func renameContainer(_ ref: String, to name: String) async throws { throw Self.todo("rename") }

    package func removeContainer(_ ref: String, force: Bool, volumes: Bool, link: Bool) async throws {
        throw Self.todo("rm")
    }

    /// Registers at once; the result comes when the condition holds.
    package func waitContainer(_ ref: String, condition: WaitCondition) throws -> ContainerWait {
        throw Self.todo("wait")
    }

    /// Registers the client and returns, so that the server can answer the head; the socket is taken when the container
    /// runs.
    package func attachContainer(_ ref: String, _ options: AttachOptions, stream: any ClientStream) async throws {
        throw Self.todo("attach")
    }

    /// Decides the media type of attach.
    package func attachIsTerminal(_ ref: String) throws -> Bool { throw Self.todo("attach") }

    package func resizeContainer(_ ref: String, height: Int, width: Int) async throws { throw Self.todo("resize") }

    package func logs(_ ref: String, _ options: LogOptions) async throws -> ContainerLogs { throw Self.todo("logs") }

    package func top(_ ref: String, arguments: String?) async throws -> TopResponse { throw Self.todo("top") }
}

// MARK: Exec

extension Engine {
    /// Returns the exec's ID.
    package func createExec(_ ref: String, _ request: ExecCreateRequest) async throws -> String {
        throw Self.todo("exec")
    }

    /// With a stream: returns at once, so that the server can answer the head; the client hears of a failure on the
    /// stream, as from Docker. Without one: returns when the process runs.
    package func startExec(_ id: String, _ request: ExecStartRequest, stream: (any ClientStream)?) async throws {
        throw Self.todo("exec")
    }

    package func inspectExec(_ id: String) async throws -> ExecInspect { throw Self.todo("exec") }

    package func resizeExec(_ id: String, height: Int, width: Int) async throws { throw Self.todo("exec") }

    package func execIsTerminal(_ id: String) throws -> Bool { throw Self.todo("exec") }
}

// MARK: Images

extension Engine {
    package func loadImages(
        from source: any ByteSource, quiet: Bool
    ) -> AsyncThrowingStream<
        ProgressMessage, any Error
    > {
        AsyncThrowingStream { $0.finish(throwing: Self.todo("load")) }
    }

    package func images(
        all: Bool, filters: Filters, digests: Bool, manifests: Bool, sharedSize: Bool
    ) async throws
        -> [ImageSummary]
    { throw Self.todo("images") }

    package func inspectImage(_ ref: String, manifests: Bool) throws -> ImageInspect { throw Self.todo("inspect") }

    package func imageHistory(_ ref: String) throws -> [ImageHistoryItem] { throw Self.todo("history") }

    package func tagImage(_ ref: String, repository: String, tag: String?) async throws { throw Self.todo("tag") }

    package func removeImage(_ ref: String, force: Bool, noPrune: Bool) async throws -> [ImageDeleteItem] {
        throw Self.todo("rmi")
    }
}

// MARK: Volumes and networks

extension Engine {
    package func volumes(filters: Filters) throws -> VolumeList { throw Self.todo("volume ls") }

    package func inspectVolume(_ name: String) throws -> Volume { throw Self.todo("volume inspect") }

    package func createVolume(_ request: VolumeCreateRequest) async throws -> Volume {
        throw Self.todo("volume create")
    }

    package func removeVolume(_ name: String, force: Bool) async throws { throw Self.todo("volume rm") }

    package func networks(filters: Filters) throws -> [NetworkInspect] { throw Self.todo("network ls") }

    package func inspectNetwork(_ ref: String) throws -> NetworkInspect { throw Self.todo("network inspect") }
}
