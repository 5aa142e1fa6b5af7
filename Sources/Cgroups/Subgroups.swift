// SPDX-License-Identifier: Apache-2.0

/// Groups below a container's own, as `exec --cgroup` names them: `PATH` for every hierarchy, or `CONTROLLER,…:PATH`.
struct Subgroups {
    private var paths: [String: String] = [:]
    private var everywhere = ""

    init(_ texts: [String]) throws(CgroupError) {
        for text in texts {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let names = (parts.last ?? "").split(separator: "/")
            guard !names.contains(".."), !names.contains(".") else {
                throw CgroupError("invalid cgroup path \"\(text)\"")
            }
            let path = names.map { "/" + $0 }.joined()
            guard parts.count == 2 else {
                everywhere = path
                continue
            }
            for controller in parts[0].split(separator: ",") { paths[String(controller)] = path }
        }
    }

    /// With a slash in front, or empty: the container's own group.
    func path(of controller: String) -> String { paths[controller] ?? everywhere }
}
