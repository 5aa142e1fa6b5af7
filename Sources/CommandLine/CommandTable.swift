// SPDX-License-Identifier: Apache-2.0

/// Every command of the `docker` command line, version 28: what parsing, help, completion and the reference are made
/// from. Each noun's commands are a static array of their own, so that a call touches one of them.
package enum CommandTable {
    package struct Noun: Sendable {
        package let name: String
        package let summary: String
        package let isSwarm: Bool
        let commandList: @Sendable () -> [Command]

        package var commands: [Command] { commandList() }

        init(_ name: String, _ summary: String, swarm: Bool = false, _ commands: @escaping @Sendable () -> [Command]) {
            self.name = name
            self.summary = summary
            self.isSwarm = swarm
            self.commandList = commands
        }
    }

    package static let nouns: [Noun] = [
        Noun("builder", "The build cache") { builder },
        Noun("checkpoint", "Saved states of containers") { checkpoint },
        Noun("container", "Containers") { container },
        Noun("context", "Endpoints by name") { context },
        Noun("image", "Images") { image },
        Noun("manifest", "Lists of manifests") { manifest },
        Noun("network", "Networks") { network },
        Noun("plugin", "Plugins") { plugin },
        Noun("system", "The engine itself") { system },
        Noun("trust", "Signatures") { trust },
        Noun("trust key", "Signing keys") { trust },
        Noun("trust signer", "Who may sign") { trust },
        Noun("volume", "Volumes") { volume },
        Noun("config", "Configs of the swarm", swarm: true) { config },
        Noun("node", "Nodes of the swarm", swarm: true) { node },
        Noun("secret", "Secrets of the swarm", swarm: true) { secret },
        Noun("service", "Services of the swarm", swarm: true) { service },
        Noun("stack", "Stacks of services", swarm: true) { stack },
        Noun("swarm", "The swarm", swarm: true) { swarm },
    ]

    /// The noun that a name at the top belongs to; the commands not listed are in `general`.
    private static func home(ofTopLevel name: String) -> [Command] {
        switch name {
        case "images", "history", "import", "load", "rmi", "save", "tag", "build", "pull", "push": image
        case "events", "info": system
        case "login", "logout", "search", "version", "inspect": general
        default: container
        }
    }

    package static func noun(_ name: String) -> Noun? {
        nouns.first { $0.name == name }
    }

    /// The command called by `path`, such as `container ls` or `ps`.
    package static func command(_ path: String) -> Command? {
        let noun = path.dropLastWord()
        if noun.isEmpty {
            return home(ofTopLevel: path).first { $0.names.contains(path) }
        }
        guard let top = noun.split(separator: " ").first, let owner = self.noun(String(top)) else { return nil }
        if let found = owner.commands.first(where: { $0.names.contains(path) }) { return found }
        return path == "builder build" ? command("build") : nil
    }

    /// Every command once.
    package static var all: [Command] {
        var lists = [general]
        for noun in nouns where !noun.name.contains(" ") {
            lists.append(noun.commands)
        }
        return lists.flatMap { $0 }
    }
}
