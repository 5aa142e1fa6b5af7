// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// How many descriptors this process may have open.
package enum DescriptorLimit {
    /// Raises it as far as an unprivileged process may: to the hard limit. What can't be had is no error.
    package static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(resource, &limit)
    }
}
