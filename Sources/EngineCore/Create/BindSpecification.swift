// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Volumes

/// The letters after a bind's second colon: `ro,rslave,z`.
struct BindMode: Equatable, Sendable {
    var readOnly = false
    /// `rprivate` and so on; nil: not given.
    var propagation: String?
    var noCopy = false

    init() {}

    /// Each kind of word once at most; nil for what is none.
    init?(parsing text: String) {
        var kinds: Set<String> = []
        guard !text.isEmpty else { return }
        for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let kind: String
            switch word {
            case "ro", "rw":
                kind = "access"
                readOnly = word == "ro"
            // Labels of SELinux: there is nothing to do where it is off.
            case "z", "Z": kind = "label"
            // Of Docker on a Mac; without meaning on Linux.
            case "consistent", "cached", "delegated": kind = "consistency"
            case "nocopy":
                kind = "copy"
                noCopy = true
            case let word where BindOptions.propagations.contains(word):
                kind = "propagation"
                propagation = word
            default: return nil
            }
            guard kinds.insert(kind).inserted else { return nil }
        }
    }
}

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
    var mode = BindMode()
    /// The mode as given, for `inspect`.
    var text = ""

    init(parsing bind: String) throws(EngineError) {
        func invalid(_ why: String = "") -> EngineError {
            EngineError(.invalidParameter, "invalid volume specification: '\(bind)'" + (why.isEmpty ? "" : ": " + why))
        }
        let parts = bind.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), !parts.contains("") else { throw invalid() }
        // A place and a mode make no volume: `/foo:rw`.
        if parts.count == 2, BindMode(parsing: parts[1]) != nil { throw invalid() }
        text = parts.count > 2 ? parts[2] : ""
        guard let mode = BindMode(parsing: text) else {
            throw EngineError(.invalidParameter, "invalid mode: \(text)")
        }
        self.mode = mode
        let target = parts.count > 1 ? parts[1] : parts[0]
        destination = PathText.clean(target)
        let type = parts.count > 1 && parts[0].hasPrefix("/") ? "bind" : "volume"
        do throws(EngineError) { try MountPlan.check(destination: target, type: type) } catch {
            throw invalid(error.message)
        }
        switch parts.count > 1 ? parts[0] : nil {
        case nil: source = .anonymous
        case let path? where path.hasPrefix("/"): source = .path(PathText.clean(path))
        case let name?:
            try VolumeName.validate(name)
            source = .volume(name)
        }
        func extra(_ field: String) -> EngineError {
            invalid("invalid mount config for type \"\(type)\": field \(field) must not be specified")
        }
        if type == "bind", mode.noCopy { throw extra("VolumeOptions") }
        if type == "volume", mode.propagation != nil { throw extra("BindOptions") }
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
