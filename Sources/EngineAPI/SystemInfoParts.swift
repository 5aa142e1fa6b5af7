// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The drivers of each kind.
package struct SystemPlugins: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var volume: [String]
    @Zero package var network: [String]
    @Nullable package var authorization: [String]?
    @Zero package var log: [String]

    package init() {}

    package init(
        volume: [String],
        network: [String] = .init(),
        authorization: [String]? = nil,
        log: [String] = .init()
    ) {
        self.volume = volume
        self.network = network
        self.authorization = authorization
        self.log = log
    }

    package enum CodingKeys: String, CodingKey {
        case volume = "Volume"
        case network = "Network"
        case authorization = "Authorization"
        case log = "Log"
    }
}

/// What the engine thinks of registries.
package struct RegistryConfig: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var insecureRegistryCIDRs: [String]
    @Zero package var indexConfigs: [String: RegistryIndex]
    @Zero package var mirrors: [String]

    package init() {}

    package init(
        insecureRegistryCIDRs: [String],
        indexConfigs: [String: RegistryIndex] = .init(),
        mirrors: [String] = .init()
    ) {
        self.insecureRegistryCIDRs = insecureRegistryCIDRs
        self.indexConfigs = indexConfigs
        self.mirrors = mirrors
    }

    package enum CodingKeys: String, CodingKey {
        case insecureRegistryCIDRs = "InsecureRegistryCIDRs"
        case indexConfigs = "IndexConfigs"
        case mirrors = "Mirrors"
    }
}

/// One registry.
package struct RegistryIndex: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var name: String
    @Zero package var mirrors: [String]
    @Zero package var secure: Bool
    @Zero package var official: Bool

    package init() {}

    package init(name: String, mirrors: [String] = .init(), secure: Bool = .init(), official: Bool = .init()) {
        self.name = name
        self.mirrors = mirrors
        self.secure = secure
        self.official = official
    }

    package enum CodingKeys: String, CodingKey {
        case name = "Name"
        case mirrors = "Mirrors"
        case secure = "Secure"
        case official = "Official"
    }
}

/// An OCI runtime.
package struct SystemRuntime: Codable, Sendable, Equatable, ZeroValue {
    package var path: String?
    package var runtimeArgs: [String]?
    package var status: [String: String]?

    package init() {}

    package init(path: String? = nil, runtimeArgs: [String]? = nil, status: [String: String]? = nil) {
        self.path = path
        self.runtimeArgs = runtimeArgs
        self.status = status
    }
}

/// The cluster this engine is in.
package struct SwarmInfo: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var nodeID: String
    @Zero package var nodeAddr: String
    @Zero package var localNodeState: String
    @Zero package var controlAvailable: Bool
    @Zero package var error: String
    @Nullable package var remoteManagers: [JSONValue]?

    package init() {}

    package init(
        nodeID: String,
        nodeAddr: String = .init(),
        localNodeState: String = .init(),
        controlAvailable: Bool = .init(),
        error: String = .init(),
        remoteManagers: [JSONValue]? = nil
    ) {
        self.nodeID = nodeID
        self.nodeAddr = nodeAddr
        self.localNodeState = localNodeState
        self.controlAvailable = controlAvailable
        self.error = error
        self.remoteManagers = remoteManagers
    }

    package enum CodingKeys: String, CodingKey {
        case nodeID = "NodeID"
        case nodeAddr = "NodeAddr"
        case localNodeState = "LocalNodeState"
        case controlAvailable = "ControlAvailable"
        case error = "Error"
        case remoteManagers = "RemoteManagers"
    }
}

/// The commit a program was built from.
package struct CommitInfo: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String

    package init() {}

    package init(id: String) {
        self.id = id
    }

    package enum CodingKeys: String, CodingKey {
        case id = "ID"
    }
}

/// A range that new networks' subnets are cut from.
package struct AddressPool: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var base: String
    @Zero package var size: Int

    package init() {}

    package init(base: String, size: Int = .init()) {
        self.base = base
        self.size = size
    }

    package enum CodingKeys: String, CodingKey {
        case base = "Base"
        case size = "Size"
    }
}

/// What publishes ports.
package struct FirewallInfo: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var driver: String
    package var info: [[String]]?

    package init() {}

    package init(driver: String, info: [[String]]? = nil) {
        self.driver = driver
        self.info = info
    }

    package enum CodingKeys: String, CodingKey {
        case driver = "Driver"
        case info = "Info"
    }
}
