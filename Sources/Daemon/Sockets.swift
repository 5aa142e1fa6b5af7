// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import Logging

/// The sockets that a daemon listens on.
struct Sockets: Sendable {
    /// What systemd hands over begins at this number (sd_listen_fds(3)).
    private static let firstActivated: Int32 = 3

    static let dockerSocket = "/var/run/docker.sock"

    /// Paths to remove again at the end.
    private(set) var paths: [String] = []
    private(set) var descriptors: [(name: String, socket: SharedDescriptor)] = []

    /// Binds every socket that the configuration asks for; the one in the exec root always.
    init(_ configuration: Configuration, logger: Logger) throws {
        let own = configuration.execRoot + "/wharf.sock"
        let group = Self.groupID(configuration.socketGroup)
        // BEFORE any is bound, for systemd may listen at one of the very paths already.
        let isActivated = configuration.hosts.contains { $0.hasPrefix("fd://") }
        if isActivated || (configuration.hosts.isEmpty && getenv("LISTEN_FDS") != nil) { try takeActivated() }
        let wanted =
            [own] + configuration.hosts.filter { $0.hasPrefix("unix://") }.map { String($0.dropFirst("unix://".count)) }
        for path in wanted where !descriptors.contains(where: { $0.name == "unix://" + path }) { try bind(path, group) }
        if configuration.hosts.isEmpty, configuration.execRoot == Configuration().execRoot { bindDocker(group, logger) }
    }

    private mutating func bind(_ path: String, _ group: UInt32?) throws {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        try HostPath.makeDirectories(String(path[..<slash]))
        let socket: FileDescriptor
        do throws(Errno) {
            // For root alone where there is no group for it (rule R8).
            socket = try StreamSocket.bindUnix(path: path, mode: group == nil ? 0o600 : 0o660, group: group)
        } catch {
            switch error.code {
            case .addressInUse: throw ConfigurationError("\(path) is in use by another daemon")
            case .exists:
                throw ConfigurationError("\(path) is there already, and is no socket: remove it, or choose another -H")
            default: throw error
            }
        }
        paths.append(path)
        descriptors.append(("unix://" + path, SharedDescriptor(socket)))
    }

    /// Docker's own socket, where nobody listens on it.
    private mutating func bindDocker(_ group: UInt32?, _ logger: Logger) {
        do {
            try bind(Self.dockerSocket, group)
        } catch {
            logger.notice("\(Self.dockerSocket) is left to whoever has it", metadata: ["reason": "\(error)"])
        }
    }

    private mutating func takeActivated() throws {
        guard let count = getenv("LISTEN_FDS").flatMap({ Int32(String(cString: $0)) }), count > 0,
            let owner = getenv("LISTEN_PID").flatMap({ Int32(String(cString: $0)) }), owner == getpid()
        else { throw ConfigurationError("fd://: no socket was handed over by systemd (LISTEN_FDS)") }
        for number in Self.firstActivated..<(Self.firstActivated + min(count, 64)) {
            let socket = FileDescriptor(owning: number)
            try socket.setCloseOnExec(true)
            let name = SocketAddress.unixPath(of: socket).map { "unix://" + $0 } ?? "fd://\(number)"
            descriptors.append((name, SharedDescriptor(socket)))
        }
        // Not for those this daemon starts.
        unsetenv("LISTEN_FDS")
        unsetenv("LISTEN_PID")
    }

    private static func groupID(_ name: String) -> UInt32? {
        guard !name.isEmpty else { return nil }
        if let number = UInt32(name) { return number }
        return getgrnam(name)?.pointee.gr_gid
    }

    /// Removes the sockets' paths: called when nobody is served any more.
    func remove() { for path in paths { try? HostPath.remove(path) } }
}
