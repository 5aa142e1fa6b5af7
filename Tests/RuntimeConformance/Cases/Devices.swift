// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

private let defaults: [(path: String, numbers: String)] = [
    ("/dev/null", "1,3"), ("/dev/zero", "1,5"), ("/dev/full", "1,7"), ("/dev/random", "1,8"), ("/dev/urandom", "1,9"),
    ("/dev/tty", "5,0"),
]

@Sendable private func device(_ path: String, _ type: String, _ major: Int64, _ minor: Int64) -> JSONValue {
    [
        "path": .string(path), "type": .string(type), "major": .integer(major), "minor": .integer(minor),
        "fileMode": 0o620, "uid": 11, "gid": 22,
    ]
}

// 10:237 is /dev/loop-control, which root may open on most machines and no runtime allows by default.

/// A rule of linux.resources.devices.
@Sendable private func rule(
    _ allow: Bool, _ type: String?, _ major: Int64?, _ minor: Int64?, _ access: String
) -> JSONValue {
    var rule: JSONObject = ["allow": .bool(allow), "access": .string(access)]
    if let type { rule["type"] = .string(type) }
    if let major { rule["major"] = .integer(major) }
    if let minor { rule["minor"] = .integer(minor) }
    return .object(rule)
}

let deviceCases: [Case] =
    defaults.map { path, numbers in
        Case("config-linux.md#default-devices", "\(path) is there") { box in
            try box.prints("test -c \(path) && stat -c '%t,%T' \(path)", numbers)
        }
    }
    + [
        Case("config-linux.md#default-devices", "/dev/ptmx is that of the container's /dev/pts") { box in
            let kind = try box.inside(
                "readlink /dev/ptmx || stat -c '%t,%T' /dev/ptmx; test -c /dev/pts/ptmx && echo there")
            try require(
                ["pts/ptmx\nthere", "/dev/pts/ptmx\nthere", "5,2\nthere"].contains(kind), "a link to pts/ptmx, or it",
                came: kind)
        },
        Case("config-linux.md#default-devices", "/dev/console is the terminal") { box in
            box["process", "terminal"] = true
            box.script = "echo console >/dev/console; stat -c '%t' /dev/console; echo end"
            let text = try Console.output(box)
            // Its file system is devpts: major number 136.
            try require(text.contains("console") && text.contains("88"), "the text, by device 136", came: text)
        },
        Case("config-linux.md#devices", "a character device has its numbers, mode and owner") { box in
            box.append(device("/dev/mine", "c", 1, 3), to: "linux", "devices")
            try box.prints("test -c /dev/mine && stat -c '%t,%T %a %u:%g' /dev/mine", "1,3 620 11:22")
        },
        Case("config-linux.md#devices", "type u is a character device") { box in
            box.append(device("/dev/mine", "u", 1, 3), to: "linux", "devices")
            try box.prints("test -c /dev/mine && stat -c '%t,%T %a %u:%g' /dev/mine", "1,3 620 11:22")
        },
        Case("config-linux.md#devices", "a block device has its numbers, mode and owner") { box in
            box.append(device("/dev/disk", "b", 7, 200), to: "linux", "devices")
            try box.prints("test -b /dev/disk && stat -c '%t,%T %a %u:%g' /dev/disk", "7,c8 620 11:22")
        },
        Case("config-linux.md#devices", "a FIFO") { box in
            box.append(["path": "/dev/fifo", "type": "p", "fileMode": 0o622], to: "linux", "devices")
            try box.prints("test -p /dev/fifo && stat -c %a /dev/fifo", "622")
        },
        Case("config-linux.md#devices", "a device outside /dev") { box in
            box.append(device("/some/where/mine", "c", 1, 3), to: "linux", "devices")
            try box.prints("test -c /some/where/mine && echo there", "there")
        },
        Case("config-linux.md#devices", "a file of another kind at the path is an error") { box in
            _ = try box.host("echo text >rootfs/tmp/mine")
            box.append(device("/tmp/mine", "c", 1, 3), to: "linux", "devices")
            try box.refused("/tmp/mine is a file")
        },
        Case("config-linux.md#devices", "an unknown type is an error") { box in
            box.append(device("/dev/mine", "x", 1, 3), to: "linux", "devices")
            try box.refused("the type is x")
        },
        Case("config-linux.md#allowed-device-list", "what is denied can't be opened") { box in
            box["linux", "resources", "devices"] = [rule(false, nil, nil, nil, "rwm")]
            box.append(device("/dev/mine", "c", 10, 237), to: "linux", "devices")
            try box.prints("head -c 1 /dev/mine 2>&1 | grep -c 'not permitted'", "1")
        },
        Case("config-linux.md#allowed-device-list", "what is allowed after a denial can be opened") { box in
            box["linux", "resources", "devices"] = [rule(false, nil, nil, nil, "rwm"), rule(true, "c", 10, 237, "rw")]
            box.append(device("/dev/mine", "c", 10, 237), to: "linux", "devices")
            try box.prints(": </dev/mine && echo opened", "opened")
        },
        Case("config-linux.md#allowed-device-list", "what is denied after it was allowed can't be opened") { box in
            box["linux", "resources", "devices"] = [
                rule(false, nil, nil, nil, "rwm"), rule(true, "c", 10, 237, "rwm"), rule(false, "c", 10, 237, "rwm"),
            ]
            box.append(device("/dev/mine", "c", 10, 237), to: "linux", "devices")
            try box.prints("{ : </dev/mine; } 2>&1 | grep -c 'not permitted'", "1")
        },
        Case("config-linux.md#allowed-device-list", "access names what may be done") { box in
            box["linux", "resources", "devices"] = [rule(false, nil, nil, nil, "rwm"), rule(true, "c", 10, 237, "r")]
            box.append(device("/dev/mine", "c", 10, 237), to: "linux", "devices")
            try box.prints(": </dev/mine && echo read; { : >/dev/mine; } 2>&1 | grep -c 'not permitted'", "read\n1")
        },
        Case("config-linux.md#allowed-device-list", "an unset number stands for all") { box in
            box["linux", "resources", "devices"] = [rule(false, nil, nil, nil, "rwm"), rule(true, "c", 10, nil, "rwm")]
            box.append(device("/dev/mine", "c", 10, 237), to: "linux", "devices")
            try box.prints(": </dev/mine && mknod /tmp/another c 10 238 && echo both", "both")
        },
    ]
