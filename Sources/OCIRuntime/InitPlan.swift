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
    let streams: ProcessStreams
    /// The namespaces to join, opened.
    let joined: [SharedDescriptor]
    /// The child's end of the conversation with the runtime.
    private(set) var runtime: FileDescriptor?
    /// Readable when the container is started; at its end when the runtime is gone.
    private(set) var gate: FileDescriptor?
    /// What runs as PID 1 in place of the process (`--init`).
    let initProgram: SharedDescriptor?
    let preservedDescriptors: UInt32
    let hasOwnKeyring: Bool

    init(
        request: consuming ContainerRequest, plan: ContainerPlan, cgroup: String, credentials: Credentials,
        filter: SystemCallFilter?, joined: [SharedDescriptor], runtime: consuming FileDescriptor,
        gate: consuming FileDescriptor
    ) {
        id = request.id
        bundle = request.bundle
        spec = request.specification.spec
        streams = request.streams
        initProgram = request.initProgram
        preservedDescriptors = request.preservedDescriptors
        hasOwnKeyring = request.hasOwnKeyring
        rootfs = request.rootfs
        self.plan = plan
        self.cgroup = cgroup
        self.credentials = credentials
        self.filter = filter
        self.joined = joined
        self.runtime = consume runtime
        self.gate = consume gate
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
    @discardableResult
    func expect(_ report: Report) throws(RuntimeError) -> [SharedDescriptor] { try runtime?.expect(report) ?? [] }
}
