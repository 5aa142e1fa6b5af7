// SPDX-License-Identifier: Apache-2.0
//
// How a config.json is read: one initializer for each type of the specification (decision 0014). A member that is
// missing here is found by OCITests/RuntimeReadingTests.

package import JSON

extension RuntimeSpec: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(ociVersion: try members.required("ociVersion"))
        root = try members["root"]
        hostname = try members["hostname"]
        domainname = try members["domainname"]
        process = try members["process"]
        mounts = try members["mounts"]
        hooks = try members["hooks"]
        annotations = try members["annotations"]
        linux = try members["linux"]
    }
}

extension RuntimeSpec.Root: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(path: try members.required("path"), readonly: try members["readonly"])
    }
}

extension RuntimeSpec.Mount: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            destination: try members.required("destination"), type: try members["type"],
            source: try members["source"], options: try members["options"])
        uidMappings = try members["uidMappings"]
        gidMappings = try members["gidMappings"]
    }
}

extension RuntimeSpec.IDMapping: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            containerID: try members.required("containerID"), hostID: try members.required("hostID"),
            size: try members.required("size"))
    }
}

extension RuntimeSpec.Hooks: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init()
        prestart = try members["prestart"]
        createRuntime = try members["createRuntime"]
        createContainer = try members["createContainer"]
        startContainer = try members["startContainer"]
        poststart = try members["poststart"]
        poststop = try members["poststop"]
    }
}

extension RuntimeSpec.Hook: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            path: try members.required("path"), args: try members["args"], env: try members["env"],
            timeout: try members["timeout"])
    }
}

// MARK: process

extension RuntimeSpec.Process: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(args: [], cwd: try members.required("cwd"))
        terminal = try members["terminal"]
        consoleSize = try members["consoleSize"]
        user = try members["user"]
        args = try members["args"]
        env = try members["env"]
        capabilities = try members["capabilities"]
        rlimits = try members["rlimits"]
        noNewPrivileges = try members["noNewPrivileges"]
        apparmorProfile = try members["apparmorProfile"]
        oomScoreAdj = try members["oomScoreAdj"]
        scheduler = try members["scheduler"]
        selinuxLabel = try members["selinuxLabel"]
        ioPriority = try members["ioPriority"]
        execCPUAffinity = try members["execCPUAffinity"]
    }
}

extension RuntimeSpec.ConsoleSize: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(height: try members.required("height"), width: try members.required("width"))
    }
}

extension RuntimeSpec.User: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            uid: try members.required("uid"), gid: try members.required("gid"),
            additionalGids: try members["additionalGids"])
        umask = try members["umask"]
    }
}

extension RuntimeSpec.Capabilities: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            bounding: try members["bounding"], effective: try members["effective"],
            inheritable: try members["inheritable"], permitted: try members["permitted"],
            ambient: try members["ambient"])
    }
}

extension RuntimeSpec.ResourceLimit: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            type: try members.required("type"), hard: try members.required("hard"),
            soft: try members.required("soft"))
    }
}

extension RuntimeSpec.Scheduler: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(policy: try members.required("policy"))
        nice = try members["nice"]
        priority = try members["priority"]
        flags = try members["flags"]
        runtime = try members["runtime"]
        deadline = try members["deadline"]
        period = try members["period"]
    }
}

extension RuntimeSpec.IOPriority: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(class: try members.required("class"), priority: try members["priority"])
    }
}

extension RuntimeSpec.CPUAffinity: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(initial: try members["initial"], final: try members["final"])
    }
}

// MARK: linux

extension RuntimeSpec.Linux: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init()
        namespaces = try members["namespaces"]
        uidMappings = try members["uidMappings"]
        gidMappings = try members["gidMappings"]
        timeOffsets = try members["timeOffsets"]
        devices = try members["devices"]
        netDevices = try members["netDevices"]
        cgroupsPath = try members["cgroupsPath"]
        resources = try members["resources"]
        rootfsPropagation = try members["rootfsPropagation"]
        seccomp = try members["seccomp"]
        sysctl = try members["sysctl"]
        maskedPaths = try members["maskedPaths"]
        readonlyPaths = try members["readonlyPaths"]
        mountLabel = try members["mountLabel"]
        intelRdt = try members["intelRdt"]
        memoryPolicy = try members["memoryPolicy"]
        personality = try members["personality"]
    }
}

extension RuntimeSpec.Namespace: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(try members.required("type"), path: try members["path"])
    }
}

extension RuntimeSpec.Namespace.Kind: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let name = try String(json: json)
        guard let kind = Self(rawValue: name) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw JSONError(place: "", reason: "\"\(name)\" must be one of \(names)")
        }
        self = kind
    }
}

extension RuntimeSpec.TimeOffset: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(secs: try members["secs"], nanosecs: try members["nanosecs"])
    }
}

extension RuntimeSpec.Device: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            type: try members.required("type"), path: try members.required("path"), major: try members["major"],
            minor: try members["minor"], fileMode: try members["fileMode"], uid: try members["uid"],
            gid: try members["gid"])
    }
}

extension RuntimeSpec.NetDevice: JSONReadable {
    package init(json: JSONValue) throws(JSONError) { self.init(name: try JSONMembers(json)["name"]) }
}

extension RuntimeSpec.IntelRdt: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(closID: try members["closID"])
        schemata = try members["schemata"]
        l3CacheSchema = try members["l3CacheSchema"]
        memBwSchema = try members["memBwSchema"]
        enableMonitoring = try members["enableMonitoring"]
    }
}

extension RuntimeSpec.MemoryPolicy: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(mode: "", nodes: try members["nodes"], flags: try members["flags"])
        mode = try members["mode"]
    }
}

extension RuntimeSpec.Personality: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(domain: try members.required("domain"))
        flags = try members["flags"]
    }
}

extension RuntimeSpec.Seccomp: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(defaultAction: try members.required("defaultAction"))
        defaultErrnoRet = try members["defaultErrnoRet"]
        architectures = try members["architectures"]
        flags = try members["flags"]
        listenerPath = try members["listenerPath"]
        listenerMetadata = try members["listenerMetadata"]
        syscalls = try members["syscalls"]
    }
}

extension RuntimeSpec.SyscallRule: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            names: try members.required("names"), action: try members.required("action"),
            errnoRet: try members["errnoRet"], args: try members["args"])
    }
}

extension RuntimeSpec.SyscallArgument: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            index: try members.required("index"), value: try members.required("value"),
            valueTwo: try members["valueTwo"], op: try members.required("op"))
    }
}
