// SPDX-License-Identifier: Apache-2.0
//
// How `linux.resources` is read; see RuntimeReading.swift.

package import JSON

extension RuntimeSpec.Resources: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init()
        devices = try members["devices"]
        memory = try members["memory"]
        cpu = try members["cpu"]
        pids = try members["pids"]
        blockIO = try members["blockIO"]
        hugepageLimits = try members["hugepageLimits"]
        network = try members["network"]
        rdma = try members["rdma"]
        unified = try members["unified"]
    }
}

extension RuntimeSpec.DeviceRule: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            allow: try members.required("allow"), type: try members["type"], major: try members["major"],
            minor: try members["minor"], access: try members["access"])
    }
}

extension RuntimeSpec.Memory: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init()
        limit = try members["limit"]
        reservation = try members["reservation"]
        swap = try members["swap"]
        kernel = try members["kernel"]
        kernelTCP = try members["kernelTCP"]
        swappiness = try members["swappiness"]
        disableOOMKiller = try members["disableOOMKiller"]
        useHierarchy = try members["useHierarchy"]
        checkBeforeUpdate = try members["checkBeforeUpdate"]
    }
}

extension RuntimeSpec.CPU: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init()
        shares = try members["shares"]
        quota = try members["quota"]
        burst = try members["burst"]
        period = try members["period"]
        realtimeRuntime = try members["realtimeRuntime"]
        realtimePeriod = try members["realtimePeriod"]
        cpus = try members["cpus"]
        mems = try members["mems"]
        idle = try members["idle"]
    }
}

extension RuntimeSpec.Pids: JSONReadable {
    package init(json: JSONValue) throws(JSONError) { self.init(limit: try JSONMembers(json)["limit"]) }
}

extension RuntimeSpec.BlockIO: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init()
        weight = try members["weight"]
        leafWeight = try members["leafWeight"]
        weightDevice = try members["weightDevice"]
        throttleReadBpsDevice = try members["throttleReadBpsDevice"]
        throttleWriteBpsDevice = try members["throttleWriteBpsDevice"]
        throttleReadIOPSDevice = try members["throttleReadIOPSDevice"]
        throttleWriteIOPSDevice = try members["throttleWriteIOPSDevice"]
    }
}

extension RuntimeSpec.WeightDevice: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            major: try members.required("major"), minor: try members.required("minor"), weight: try members["weight"],
            leafWeight: try members["leafWeight"])
    }
}

extension RuntimeSpec.ThrottleDevice: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            major: try members.required("major"), minor: try members.required("minor"),
            rate: try members.required("rate"))
    }
}

extension RuntimeSpec.HugepageLimit: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(pageSize: try members.required("pageSize"), limit: try members.required("limit"))
    }
}

extension RuntimeSpec.Network: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(classID: try members["classID"], priorities: try members["priorities"])
    }
}

extension RuntimeSpec.InterfacePriority: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(name: try members.required("name"), priority: try members.required("priority"))
    }
}

extension RuntimeSpec.RDMA: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(hcaHandles: try members["hcaHandles"], hcaObjects: try members["hcaObjects"])
    }
}
