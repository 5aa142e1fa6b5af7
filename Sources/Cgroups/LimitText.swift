// SPDX-License-Identifier: Apache-2.0

internal import OCI

extension RuntimeSpec.DeviceRule {
    /// `c 1:3 rwm`; `a` for every device.
    func cgroupV1Text() throws(CgroupError) -> String {
        let kind = type ?? "a"
        guard ["a", "b", "c"].contains(kind) else { throw CgroupError("invalid device type \"\(kind)\"") }
        let access = access ?? "rwm"
        guard !access.isEmpty, access.allSatisfy({ "rwm".contains($0) }) else {
            throw CgroupError("invalid device access \"\(access)\"")
        }
        if kind == "a" { return "a" }
        return "\(kind) \(Self.number(major)):\(Self.number(minor)) \(access)"
    }

    private static func number(_ value: Int64?) -> String {
        guard let value, value >= 0 else { return "*" }
        return "\(value)"
    }
}

extension RuntimeSpec.RDMA {
    /// `mlx4_0 hca_handle=2 hca_object=2000`: what is not limited is left out.
    func cgroupText(_ device: String) -> String {
        let limits = [hcaHandles.map { "hca_handle=\($0)" }, hcaObjects.map { "hca_object=\($0)" }]
        return ([device] + limits.compactMap { $0 }).joined(separator: " ")
    }
}

/// Why a memory limit can't be had: the group uses more.
enum Usage {
    /// `checkBeforeUpdate`: throws when more than `limit` is in use.
    static func check(_ file: String, limit: Int64) throws(CgroupError) {
        guard limit > 0, let usage = try? HostFile.number(file), usage > UInt64(limit) else { return }
        throw CgroupError("unable to set memory limit to \(limit) (current usage: \(usage))")
    }

    static func explain(_ error: CgroupError, _ file: String, limit: Int64) -> CgroupError {
        do throws(CgroupError) { try check(file, limit: limit) } catch { return error }
        return error
    }
}
