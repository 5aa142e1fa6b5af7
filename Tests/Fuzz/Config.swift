// SPDX-License-Identifier: Apache-2.0

import JSON
import Linux
import OCI

@testable import OCIRuntime

/// A config.json as `create` reads it: any bytes are a specification that is taken, or an error. A trap is what is
/// looked for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConfiguration(_ data: UnsafePointer<UInt8>, _ size: Int) -> Int32 {
    do {
        let specification = try Specification(json: Array(UnsafeBufferPointer(start: data, count: size)))
        let plan = try ContainerPlan(specification.spec)
        _ = try Credentials(plan.process, available: CapabilitySet.all)
        for mount in specification.spec.mounts ?? [] { _ = try MountOptions(mount.options ?? []) }
        // Compiling a filter takes milliseconds: only what it is made of is looked at.
        if let section = specification.seccomp { _ = try JSON.read(RuntimeSpec.Seccomp.self, from: section) }
    } catch {}
    return 0
}
