// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Volumes

/// One `-v` of the wire's `Binds`: `[source:]destination[:mode,…]`, narrowed.
struct BindSpecification: Equatable, Sendable {
    enum Source: Equatable, Sendable {
        /// An absolute path on the host.
        case path(String)
        case volume(String)
        case anonymous
    }

    var source: Source
    var destination: String
    var readOnly = false
    /// `rprivate` and so on; nil: not given.
    var propagation: String?
    var noCopy = false
    /// As given, for `inspect`.
    var mode = ""

    init(parsing text: String) throws(EngineError) {
        func invalid(_ why: String = "") -> EngineError {
            EngineError(.invalidParameter, "invalid volume specification: '\(text)'" + (why.isEmpty ? "" : ": " + why))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), !parts.contains("") else { throw invalid() }
        let sourceText = parts.count > 1 ? parts[0] : nil
        destination = PathText.clean(parts.count > 1 ? parts[1] : parts[0])
        mode = parts.count > 2 ? parts[2] : ""
        if parts.count == 2, sourceText == nil || !parts[1].hasPrefix("/") {
            throw EngineError(
                .invalidParameter,
                "invalid volume specification: '\(text)': invalid mount config for type "
                    + "\"\(parts[0].hasPrefix("/") ? "bind" : "volume")\": invalid mount path: '\(parts[1])' mount path must be absolute"
            )
        }
        guard destination.hasPrefix("/") else {
            throw EngineError(
                .invalidParameter,
                "invalid volume specification: '\(text)': invalid mount config for type "
                    + "\"volume\": invalid mount path: '\(destination)' mount path must be absolute")
        }
        guard destination != "/" else {
            throw EngineError(
                .invalidParameter,
                "invalid volume specification: '\(text)': invalid mount config for type \"bind\": invalid specification: destination can't be '/'"
            )
        }
        switch sourceText {
        case nil: source = .anonymous
        case let path? where path.hasPrefix("/"): source = .path(PathText.clean(path))
        case let name?:
            try VolumeName.validate(name)
            source = .volume(name)
        }
        try parse(mode: mode, of: text)
    }

    private mutating func parse(mode: String, of text: String) throws(EngineError) {
        guard !mode.isEmpty else { return }
        var access: String?
        for option in mode.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            switch option {
            case "ro", "rw":
                guard access == nil else { throw Self.invalidMode(mode) }
                access = option
                readOnly = option == "ro"
            case "z", "Z": break  // SELinux relabelling: nothing to do where SELinux is off
            case "nocopy":
                guard case .volume = source else { throw Self.invalidMode(mode) }
                noCopy = true
            case let option where BindOptions.propagations.contains(option):
                guard propagation == nil, case .path = source else { throw Self.invalidMode(mode) }
                propagation = option
            default: throw Self.invalidMode(mode)
            }
        }
    }

    private static func invalidMode(_ mode: String) -> EngineError {
        EngineError(.invalidParameter, "invalid mode: \(mode)")
    }
}

/// Paths as text, cleaned without looking at any file system.
enum PathText {
    /// Drops empty and `.` components and resolves `..` textually, as path.Clean does.
    static func clean(_ path: String) -> String {
        let absolute = path.hasPrefix("/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." {
                if let last = parts.last, last != ".." {
                    parts.removeLast()
                } else if !absolute {
                    parts.append(part)
                }
            } else {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return absolute ? "/" + joined : (joined.isEmpty ? "." : joined)
    }
}
