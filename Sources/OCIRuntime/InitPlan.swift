// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCI

/// All that the forked child needs to become the container, prepared before the fork so that what can fail early does.
final class InitPlan {
    let id: String
    let bundle: String
    let spec: RuntimeSpec
    let plan: ContainerPlan
    /// Empty: the container stays in the runtime's own.
    let cgroup: String
    let credentials: Credentials
    let filter: SystemCallFilter?
    var rootfs: RootFilesystem
    /// Sources of mounts that had to be opened before the container's namespaces were entered, by the mount's place.
    var sources: [Int: SharedDescriptor] = [:]
    /// The child's pid on the host, where a hook will have to be told.
    var hostPid: Int32 = 0
    let streams: ProcessStreams
    let joined: NamespaceEntry
    /// An ordinary user makes the time namespace inside his user namespace.
    private(set) var makesTimeItself = false
    /// The child's end of the conversation with the runtime.
    private(set) var runtime: FileDescriptor?
    /// Readable when the container is started; at its end when the runtime is gone.
    private(set) var gate: FileDescriptor?
    /// The container is not to outlive a runtime that dies before it has put it on record.
    let awaitsRecord: Bool
    /// What runs as PID 1 in place of the process (`--init`).
    let initProgram: SharedDescriptor?
    let preservedDescriptors: UInt32
    let hasOwnKeyring: Bool
    let pivotsRoot: Bool
    /// Where a failure after the start is told, while the program has not been executed.
    private let startAnswer: SharedDescriptor?

    init(
        request: consuming ContainerRequest, plan: ContainerPlan, cgroup: String, credentials: Credentials,
        filter: SystemCallFilter?, joined: NamespaceEntry, runtime: consuming FileDescriptor,
        gate: consuming FileDescriptor, awaitsRecord: Bool
    ) {
        self.awaitsRecord = awaitsRecord
        id = request.id
        bundle = request.bundle
        spec = request.specification.spec
        streams = request.streams
        initProgram = request.initProgram
        preservedDescriptors = request.preservedDescriptors
        hasOwnKeyring = request.hasOwnKeyring
        pivotsRoot = request.pivotsRoot
        startAnswer = request.startAnswer
        rootfs = request.rootfs
        self.plan = plan
        self.cgroup = cgroup
        self.credentials = credentials
        self.filter = filter
        self.joined = joined
        self.runtime = consume runtime
        self.gate = consume gate
    }

    var usesStage: Bool { plan.namespaces.needsStage(timeIsLate: makesTimeItself) }

    /// In the runtime, with its rights: opens the root, which the container's root user may not get to, and lets the
    /// container's user have what it writes to.
    func prepareForUserNamespace(privileged: Bool) throws(RuntimeError) {
        guard privileged else {
            makesTimeItself = plan.namespaces.makesTime
            return
        }
        if let mapping = plan.mapping {
            streams.giveTo(UserMapping.host(credentials.uid, mapping.uids))
        }
        rootfs = .mount(try takeRoot())
    }

    /// Lets go of the child's descriptors, in the process that has forked it.
    func closeInParent() {
        runtime = nil
        gate = nil
        rootfs = .path
    }

    /// What the child says to the runtime.
    func report(_ report: Report) throws(RuntimeError) { try runtime?.report(report) }
    func report(_ error: RuntimeError) { runtime?.report(error) }

    func handOver(_ listener: borrowing FileDescriptor) throws(RuntimeError) {
        try step("handing over the seccomp listener") { () throws(Errno) in
            try runtime?.sendPacket([Report.listener.rawValue], descriptor: listener)
        }
    }

    /// Tells `start` of another process what went wrong.
    func answer(_ error: RuntimeError) { try? startAnswer?.descriptor.writeAll(Array(error.message.utf8.prefix(3000))) }
    @discardableResult
    func expect(_ report: Report) throws(RuntimeError) -> [SharedDescriptor] { try runtime?.expect(report) ?? [] }
}
