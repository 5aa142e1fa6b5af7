// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `restore ID`: makes a container of what `checkpoint` wrote, and in the foreground waits for it and deletes it.
enum Restore {
    static let command = Command(
        "restore", "ID", "make a container of what checkpoint wrote, and unless detached wait for it",
        flags: .checkpointing + [
            .init(name: "bundle", short: "b", about: "the bundle's directory; the current one unless given"),
            .init(name: "console-socket", about: "a Unix socket that gets the terminal's master"),
            .init(name: "detach", short: "d", takesValue: false, about: "do not wait for the container to end"),
            .init(name: "pid-file", about: "a file to write the process id to"),
            .init(name: "no-subreaper", takesValue: false, about: "has no effect: orphans are never taken in"),
            .init(
                name: "no-pivot", takesValue: false,
                refused: "CRIU pivots to the root file system and can't do otherwise"),
            .init(name: "lsm-profile", about: "TYPE:NAME of the profile to use instead of the checkpoint's"),
            .init(name: "lsm-mount-context", about: "the SELinux context of mounts, instead of the checkpoint's"),
        ], run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        let id = try options.containerID("restore")
        let detach = options.isOn("detach")
        let bundle = try Bundle(options)
        let console = try ConsoleSocket(options["console-socket"], needed: bundle.wantsTerminal && detach)
        let paths = try CheckpointPaths(options)
        guard HostPath.isDirectory(paths.images) else {
            throw RuntimeError(.invalid, "--image-path: there is no directory \(paths.images)")
        }
        var request = RestoreRequest(
            id: id, specification: bundle.specification, bundle: bundle.path, criu: context.criu, images: paths.images,
            work: paths.work, directory: try context.store.directory(id))
        request.isSystemdCgroup = context.isSystemdCgroup
        request.arguments = try options.forCRIU()
        if options.isOn("lazy-pages") { request.needs.append("uffd-noncoop") }
        for flag in ["lsm-profile", "lsm-mount-context"] {
            if let value = options[flag] { request.arguments += ["--\(flag)", value] }
        }
        try request.check()
        _ = try context.store.claim(
            id, .restore, cgroup: bundle.specification.cgroupPlace(id: id, systemd: context.isSystemdCgroup))
        // BEFORE the container is there, so that no signal is lost.
        let foreground = detach ? nil : try Foreground()
        var container: Container?
        do throws(RuntimeError) {
            let restored = try Container.restore(request)
            container = restored
            try console.send(restored)
            try context.store.save(restored, config: bundle.config)
            try Create.writePid(restored.process.pid, to: options["pid-file"])
        } catch {
            if let container { Run.end(container) }
            try? context.store.abandon(id)
            throw error
        }
        context.store.release(id)
        guard let container, let foreground else { return 0 }
        return try Run.wait(container, foreground, context.store, keep: false)
    }
}
