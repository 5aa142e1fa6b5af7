// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Testing

/// A command that drives the engine. They all take the same arguments and give the same results.
enum Client: String, CaseIterable, CustomTestStringConvertible {
    case docker, docker20, wharf

    /// The stock clients: what must work with them must work unchanged.
    static let stock: [Client] = [.docker, .docker20]

    var program: String {
        switch self {
        case .docker: Project.tools + "/docker"
        case .docker20: Project.tools + "/docker-20.10"
        case .wharf: Project.programs + "/wharf"
        }
    }

    var testDescription: String { rawValue }
}

/// Where things are.
enum Project {
    static let root = String(#filePath.dropLast("/Tests/IntegrationTests/Support/Client.swift".count))
    static let tools = root + "/.build-tools"
    static let programs = root + "/.build/release"

    /// An archive that Scripts/make-image made with `options`, made once per run.
    static func image(_ file: String, _ options: [String] = []) throws -> String {
        let folder = tools + "/images"
        try mustRun(["mkdir", "-p", folder])
        let path = folder + "/" + file
        if ImageArchives.made.withLock({ $0.insert(file).inserted }) {
            try mustRun([root + "/Scripts/make-image"] + options + [path])
        }
        return path
    }

    /// An archive that another tool made: see Scripts/make-foreign-images.
    static func foreignImage(_ name: String) throws -> String {
        let folder = tools + "/images/foreign"
        if ImageArchives.made.withLock({ $0.insert("foreign").inserted }) {
            try mustRun([root + "/Scripts/make-foreign-images", folder])
        }
        return "\(folder)/\(name).tar"
    }

    static func busybox() throws -> String { try image("busybox.tar") }
}

private enum ImageArchives {
    static let made = Mutex<Set<String>>([])
}
