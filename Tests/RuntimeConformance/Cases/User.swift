// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

let userCases: [Case] = [
    Case("config.md#posix-platform-user", "uid and gid are the program's") { box in
        box["process", "user"] = ["uid": 1234, "gid": 5678]
        try box.prints("id -u; id -g", "1234\n5678")
    },
    Case("config.md#posix-platform-user", "additionalGids are its supplementary groups, and there are no others") {
        box in
        box["process", "user"] = ["uid": 1234, "gid": 5678, "additionalGids": [10, 20]]
        let groups = try box.inside("sed -n 's/^Groups://p' /proc/self/status").words
        try requireEqual("groups", Set(groups).subtracting(["5678"]), ["10", "20"])
    },
    Case("config.md#posix-platform-user", "umask is the program's") { box in
        box["process", "user", "umask"] = 0o077
        try box.prints("umask", "0077")
    },
]

let schedulingCases: [Case] = [
    Case("config.md#linux-process", "scheduler: policy and nice value") { box in
        box["process", "scheduler"] = ["policy": "SCHED_BATCH", "nice": 5]
        try box.prints("cut -d ' ' -f 19,41 /proc/self/stat", "5 3")
    },
    Case("config.md#linux-process", "scheduler: an unknown policy is an error") { box in
        box["process", "scheduler"] = ["policy": "SCHED_NO_SUCH"]
        try box.refused("the policy is unknown")
    },
    Case("config.md#linux-process", "scheduler: an unknown flag is an error") { box in
        box["process", "scheduler"] = ["policy": "SCHED_OTHER", "flags": ["SCHED_FLAG_NO_SUCH"]]
        try box.refused("the flag is unknown")
    },
    Case("config.md#linux-process", "ioPriority: class and level") { box in
        box["process", "ioPriority"] = ["class": "IOPRIO_CLASS_BE", "priority": 6]
        try box.prints("ionice", "best-effort: prio 6")
    },
    Case("config.md#linux-process", "ioPriority: an unknown class is an error") { box in
        box["process", "ioPriority"] = ["class": "IOPRIO_CLASS_NO_SUCH", "priority": 1]
        try box.refused("the class is unknown")
    },
    Case("config.md#linux-process", "execCPUAffinity: final is where an exec runs") { box in
        let allowed = try File.read("/proc/self/status").lines.first { $0.hasPrefix("Cpus_allowed_list") }?.words.last
        guard allowed == "0-1" || allowed?.hasPrefix("0-") == true else { throw Unavailable("one processor only") }
        box["process", "execCPUAffinity"] = ["final": "1"]
        box.script = "sleep 100"
        try box.createAndStart()
        let outcome = try box.exec("sed -n 's/^Cpus_allowed_list:.//p' /proc/self/status")
        try requireEqual("Cpus_allowed_list of an exec", outcome.output.trimmed, "1")
    },
    Case("config.md#linux-process", "execCPUAffinity: a list that is none is an error") { box in
        box["process", "execCPUAffinity"] = ["final": "one"]
        try box.refused("it is no list of processors")
    },
]
