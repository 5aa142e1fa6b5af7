// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCI
internal import Shim

/// What another runtime is given: a directory with a config.json, and the root file system at a path.
///
/// The path exists in the shim's own mount namespace only, which the runtime's processes share: the machine's mount
/// table does not show it (docs/decisions/0008-external-runtimes.md).
struct ExternalBundle {
    let path: String
    let cgroupPath: String?
    private let sharedBinds: SharedBinds
    private var rootfs: String { "\(path)/rootfs" }

    /// - Parameters:
    ///   - directory: The run directory.
    ///   - configuration: The config.json that the daemon wrote.
    ///   - mounts: Detached mounts, by the places that the configuration binds something to.
    ///   - initProgram: For `--init`: the program that is to be PID 1.
    init(
        in directory: String, configuration: [UInt8], rootfs: consuming FileDescriptor?,
        mounts: [String: SharedDescriptor] = [:], initProgram: SharedDescriptor?
    ) throws {
        path = "\(directory)/bundle"
        var document = try JSON.parse(configuration).object ?? [:]
        var linux = document["linux"]?.object ?? [:]
        // The oldest version that has all of it: crun 1.8 refuses what is newer than itself.
        document["ociVersion"] = "1.0.2"
        cgroupPath = linux["cgroupsPath"]?.string
        guard mkdir(path, 0o700) == 0, mkdir("\(path)/rootfs", 0o755) == 0 else { throw Errno.last("mkdir", path) }
        var entries = document["mounts"]?.array ?? []
        var binds = try SharedBinds(of: entries, at: "\(path)/binds")
        if let rootfs = rootfs.take() {
            try ExternalBundle.attach(rootfs, at: "\(path)/rootfs")
            try binds.attach(to: &entries)
            document["mounts"] = .array(entries)
            document["root"] = ExternalBundle.root(document["root"], "\(path)/rootfs")
        }
        sharedBinds = binds
        if !mounts.isEmpty { try ExternalBundle.attach(mounts, to: &document, path) }
        linux["namespaces"] = .array((linux["namespaces"]?.array ?? []).map(ExternalBundle.ownPath))
        document["linux"] = .object(linux)
        if let initProgram { try ExternalBundle.add(initProgram, to: &document, path) }
        try ExternalContainer.write(JSONValue.object(document).serialized(), to: "\(path)/config.json")
    }

    /// In a mount namespace of the shim's own, which gets what the machine's gets and gives nothing back.
    private static func attach(_ rootfs: consuming FileDescriptor, at path: String) throws {
        try unshare(.mount)
        try setPropagation(.slave, ofHostPath: "/")
        try rootfs.attachMount(onHostPath: path)
        // Layers are mounted so that nothing on the machine is fooled by them (rule R9); inside, that is up to the
        // container.
        try rootfs.setMount(clear: [.noSetuid, .noDevices], recursive: false)
    }

    /// Gives each detached mount a path, which the configuration then binds. AFTER the root file system: the namespace
    /// is the shim's own by then.
    private static func attach(
        _ mounts: [String: SharedDescriptor], to document: inout JSONObject, _ path: String
    ) throws {
        var list = document["mounts"]?.array ?? []
        for (index, entry) in list.enumerated() {
            guard var object = entry.object, let place = object["destination"]?.string, let mount = mounts[place] else {
                continue
            }
            let name = "\(path)/mount\(index)"
            if try mount.descriptor.status().isDirectory {
                guard mkdir(name, 0o700) == 0 else { throw Errno.last("mkdir", name) }
            } else {
                try ExternalContainer.write([], to: name)
            }
            try mount.descriptor.attachMount(onHostPath: name)
            object["source"] = .string(name)
            list[index] = .object(object)
        }
        document["mounts"] = .array(list)
    }

    /// Lets go of the root file system, which would otherwise be busy until the shim ends.
    func unmount() {
        sharedBinds.unmount()
        _ = umount2(rootfs, 2)
    }

    private static func root(_ old: JSONValue?, _ path: String) -> JSONValue {
        var root = old?.object ?? [:]
        root["path"] = .string(path)
        return .object(root)
    }

    /// A descriptor of the shim's, named so that another process finds it.
    private static func ownPath(_ namespace: JSONValue) -> JSONValue {
        let own = "/proc/self/"
        guard var object = namespace.object, let path = object["path"]?.string, path.hasPrefix(own) else {
            return namespace
        }
        object["path"] = .string("/proc/\(getpid())/" + path.dropFirst(own.count))
        return .object(object)
    }

    /// The program lies in the bundle, and read-only in the container.
    private static func add(_ program: SharedDescriptor, to document: inout JSONObject, _ path: String) throws {
        let file = "\(path)/docker-init"
        try ExternalContainer.write(try read(program), to: file, mode: 0o755)
        let mount: JSONValue = [
            "destination": "/sbin/docker-init", "type": "bind", "source": .string(file), "options": ["bind", "ro"],
        ]
        document["mounts"] = .array((document["mounts"]?.array ?? []) + [mount])
        var process = document["process"]?.object ?? [:]
        process["args"] = .array(["/sbin/docker-init"] + (process["args"]?.array ?? []))
        document["process"] = .object(process)
    }

    private static func read(_ program: SharedDescriptor) throws(Errno) -> [UInt8] {
        try FileDescriptor.open("/proc/self/fd/\(program.rawValue)", O_RDONLY).readAll(limit: 256 << 20)
    }
}
