// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `checkpoint ID`: writes a container's processes to files, from which `restore` makes them anew.
enum Checkpoint {
    static let command = Command(
        "checkpoint", "ID", "write a container's processes to files (with CRIU), and end it",
        flags: .checkpointing + [
            .init(name: "parent-path", about: "images of an earlier --pre-dump, from the images' directory"),
            .init(name: "leave-running", takesValue: false, about: "let the container go on"),
            .init(
                name: "pre-dump", takesValue: false,
                about: "write memory only, which a later checkpoint builds on, and let the container go on"),
            .init(name: "page-server", about: "ADDRESS:PORT of criu's page server, which gets the memory"),
            .init(name: "status-fd", about: "a descriptor that gets a NUL byte when --lazy-pages is ready"),
        ], run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        let id = try options.containerID("checkpoint")
        let record = try context.store.load(id)
        let status = try context.store.status(record)
        guard status == .running || status == .paused else {
            throw RuntimeError(.invalid, "Container cannot be checkpointed in \(status.rawValue) state")
        }
        let paths = try CheckpointPaths(options)
        var request = CheckpointRequest(
            criu: context.criu, images: paths.images, work: paths.work)
        request.isFirstPart = options.isOn("pre-dump")
        request.leavesRunning = options.isOn("leave-running")
        request.arguments = try options.forCRIU()
        if options.isOn("lazy-pages") { request.needs.append("uffd-noncoop") }
        if request.isFirstPart || options["parent-path"] != nil { request.needs.append("mem_dirty_track") }
        if let parent = options["parent-path"] {
            guard !parent.hasPrefix("/") else {
                throw RuntimeError(.invalid, "--parent-path must be relative to --image-path")
            }
            request.parent = parent
            request.arguments += ["--prev-images-dir", parent]
            if !request.isFirstPart { request.arguments.append("--track-mem") }
        }
        if let server = options["page-server"] {
            guard let colon = server.lastIndex(of: ":"), let port = UInt16(server[server.index(after: colon)...]) else {
                throw RuntimeError(.invalid, "Use --page-server ADDRESS:PORT to specify page server")
            }
            request.arguments += ["--page-server", "--address", String(server[..<colon]), "--port", "\(port)"]
        }
        if let descriptor = try options.number("status-fd", Int32.self), descriptor >= 0 {
            guard options.isOn("lazy-pages") else { throw RuntimeError(.invalid, "--status-fd needs --lazy-pages") }
            guard fcntl(descriptor, F_GETFD) >= 0 else {
                throw RuntimeError(.invalid, "--status-fd: file descriptor \(descriptor) is not open")
            }
            request.arguments += ["--status-fd", "\(descriptor)"]
        }
        let container = try context.store.container(id)
        try container.checkpoint(request)
        if request.isFirstPart || request.leavesRunning { return 0 }
        // As runc has it, nothing is left of the container.
        try Delete.end(container)
        try container.delete()
        try context.store.remove(id)
        return 0
    }
}

/// `--image-path` and `--work-path`, absolute.
struct CheckpointPaths {
    /// `checkpoint` in the current directory, unless given.
    let images: String
    /// That of the images, unless given.
    let work: String

    init(_ options: Options) throws(RuntimeError) {
        let current: String
        do throws(Linux.Errno) { current = try CurrentProcess.workingDirectory() } catch {
            throw RuntimeError(.system, "getcwd: \(error)")
        }
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(current)/\(path)" }
        images = absolute(options["image-path"] ?? "checkpoint")
        work = options["work-path"].map(absolute) ?? images
    }
}

extension [Options.Flag] {
    /// What `checkpoint` and `restore` share.
    static let checkpointing: [Options.Flag] = [
        .init(name: "image-path", about: "the directory of the files; ./checkpoint unless given"),
        .init(name: "work-path", about: "the directory of CRIU's log; that of the files unless given"),
        .init(name: "tcp-established", takesValue: false, about: "allow open TCP connections"),
        .init(name: "ext-unix-sk", takesValue: false, about: "allow Unix sockets whose other end is outside"),
        .init(name: "shell-job", takesValue: false, about: "allow a terminal or session of somebody else's"),
        .init(name: "lazy-pages", takesValue: false, about: "bring memory over while the container runs (userfaultfd)"),
        .init(name: "file-locks", takesValue: false, about: "allow file locks, which are made anew"),
        .init(name: "link-remap", takesValue: false, about: "allow open files without a name, which get one meanwhile"),
        .init(name: "tcp-skip-in-flight", takesValue: false, about: "leave TCP connections that are being made out"),
        .init(
            name: "manage-cgroups-mode",
            about: "soft or ignore: the container's cgroup is made from config.json, and left as it is"),
        .init(name: "empty-ns", about: "network: make that namespace anew, and leave what is in it to hooks"),
        .init(name: "auto-dedup", takesValue: false, about: "give up memory pages in the files that are held twice"),
    ]
}

extension Options {
    /// Flags that criu has under the same or another name.
    func forCRIU() throws(RuntimeError) -> [String] {
        var result: [String] = []
        for name in [
            "tcp-established", "ext-unix-sk", "shell-job", "lazy-pages", "file-locks", "link-remap", "auto-dedup",
        ]
        where isOn(name) {
            result.append("--\(name)")
        }
        switch self["manage-cgroups-mode"] ?? "soft" {
        case "soft", "ignore": break
        case "full", "strict":
            throw RuntimeError(
                .unsupported,
                "--manage-cgroups-mode: only soft and ignore: a container's cgroup is made from config.json, and not by CRIU"
            )
        case let mode: throw RuntimeError(.invalid, "Invalid manage cgroups mode: \(mode)")
        }
        if isOn("tcp-skip-in-flight") { result.append("--skip-in-flight") }
        for namespace in all("empty-ns") {
            guard namespace == "network" else {
                throw RuntimeError(
                    .unsupported, "--empty-ns: CRIU can do without a \"network\" namespace only, not \"\(namespace)\"")
            }
            result += ["--empty-ns", "net"]
        }
        return result
    }
}
