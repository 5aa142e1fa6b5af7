// SPDX-License-Identifier: Apache-2.0

package import Linux
package import OCI

/// One container's control group, whichever version the host has. `CgroupV1` is a directory in each mounted hierarchy,
/// `CgroupV2` one in the unified hierarchy.
///
/// The story of one: `make` → `apply` (limits, before there is a process to limit) → the child calls `enter` → … →
/// `kill` → `remove`.
package protocol Cgroup: AnyObject {
    /// Below each hierarchy's root: `/wharf/0123…`.
    var path: String { get }

    /// Makes the directories; one that exists already and has processes is refused.
    func make() throws(CgroupError)

    /// Writes the limits. A limit whose controller is missing on this host is an error; so is one that can't be had.
    func apply(_ resources: RuntimeSpec.Resources) throws(CgroupError)

    /// Moves the calling process into the group, through descriptors opened by `make` (so it works in any namespace).
    func enter() throws(CgroupError)

    /// The processes in the group and below it.
    func processes() throws(CgroupError) -> [Int32]

    /// Freezes or thaws the group, and waits until it is so.
    func setFrozen(_ frozen: Bool) throws(CgroupError)
    func isFrozen() throws(CgroupError) -> Bool

    /// Signals every process of the group. SIGKILL reaches those that fork meanwhile, too.
    func kill(_ signal: Int32) throws(CgroupError)

    /// Removes the directories, waiting a little for processes that are on their way out. One that is gone is no error.
    func remove() throws(CgroupError)

    /// How often the kernel killed a process of the group for want of memory.
    func outOfMemoryKills() -> UInt64

    /// A descriptor to wait on for memory events: an eventfd that becomes readable (v1), or `memory.events`, which gets
    /// EPOLLPRI (v2); nil where there is no memory controller.
    func memoryEvents() throws(CgroupError) -> MemoryEvents?
}

/// See `Cgroup.memoryEvents`.
package enum MemoryEvents: ~Copyable {
    /// Readable when the group is out of memory: read eight bytes.
    case eventfd(FileDescriptor)
    /// EPOLLPRI when a count changed: compare `outOfMemoryKills` with what it was.
    case file(FileDescriptor)
}

/// A group that could not be made or changed: the message names the file and what the kernel said.
package struct CgroupError: Error, Equatable, Sendable, CustomStringConvertible {
    package var message: String
    package init(_ message: String) { self.message = message }
    package var description: String { message }
}

func cgroupStep<R: ~Copyable>(_ body: () throws(Errno) -> R) throws(CgroupError) -> R {
    do throws(Errno) { return try body() } catch { throw CgroupError("cgroup: \(error)") }
}
