// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

let mountCases: [Case] = [
    Case("config.md#mounts", "mounts are made in the listed order") { box in
        _ = try box.host("mkdir -p source && echo later >source/file")
        box.append(mount: "/m", "tmpfs", "tmpfs", [])
        box.append(mount: "/m/inner", "bind", "\(box.path)/source", ["bind"])
        try box.prints("cat /m/inner/file", "later")
    },
    Case("config.md#mounts", "a later mount hides an earlier one at its place") { box in
        _ = try box.host("mkdir -p a b && echo first >a/file && echo second >b/file")
        box.append(mount: "/m", "bind", "\(box.path)/a", ["bind"])
        box.append(mount: "/m", "bind", "\(box.path)/b", ["bind"])
        try box.prints("cat /m/file", "second")
    },
    Case("config.md#mounts", "a relative destination starts at /") { box in
        box.append(mount: "some/where", "tmpfs", "tmpfs", [])
        try requireEqual("type", try box.mount(at: "/some/where").type, "tmpfs")
    },
    Case("config.md#mounts", "a bind mount's source may be relative to the bundle") { box in
        _ = try box.host("mkdir -p source && echo bundle >source/file")
        box.append(mount: "/m", "none", "source", ["bind"])
        try box.prints("cat /m/file", "bundle")
    },
    Case("config.md#mounts", "options make a bind mount, whatever the type says") { box in
        _ = try box.host("mkdir -p source && echo bound >source/file")
        box.append(mount: "/m", "no-such-type", "\(box.path)/source", ["rbind"])
        try box.prints("cat /m/file", "bound")
    },
    Case("config.md#mounts", "a file can be bind-mounted over a file") { box in
        _ = try box.host("echo theirs >file; echo ours >rootfs/etc/motd")
        box.append(mount: "/etc/motd", "bind", "\(box.path)/file", ["bind"])
        try box.prints("cat /etc/motd", "theirs")
    },
    Case("config.md#mounts", "a mount without a destination is an error") { box in
        box.append(["type": "tmpfs", "source": "tmpfs"], to: "mounts")
        try box.refused("the destination is missing")
    },
    Case("config.md#mounts", "an unknown file system type is an error") { box in
        box.append(mount: "/m", "no-such-type", "none", [])
        try box.refused("the type is unknown")
    },
    Case("config.md#mounts", "a bind mount of what does not exist is an error") { box in
        box.append(mount: "/m", "bind", "\(box.path)/not-there", ["bind"])
        try box.refused("the source does not exist")
    },
    Case("config.md#linux-mount-options", "unknown options go to the file system", .should) { box in
        box.append(mount: "/m", "tmpfs", "tmpfs", ["size=64k", "mode=1750"])
        let mount = try box.mount(at: "/m")
        try require(mount.superOptions.contains("size=64k"), "size=64k", came: mount.everything)
        try require(mount.superOptions.contains("mode=1750"), "mode=1750", came: mount.everything)
    },
]

/// What a mount option shows in the mount table of a tmpfs mounted with it.
private struct Option {
    let name: String
    var before: [String] = []
    var shows: String?
    var hides: String?
    var level = Case.Level.must
}

private let tmpfsOptions: [Option] = [
    .init(name: "async", before: ["sync"], hides: "sync"), .init(name: "atime", before: ["noatime"], hides: "noatime"),
    .init(name: "defaults", shows: "rw"), .init(name: "dev", before: ["nodev"], hides: "nodev"),
    .init(name: "diratime", before: ["nodiratime"], hides: "nodiratime"), .init(name: "dirsync", shows: "dirsync"),
    .init(name: "exec", before: ["noexec"], hides: "noexec"), .init(name: "iversion"),
    .init(name: "lazytime", shows: "lazytime"), .init(name: "loud"), .init(name: "noatime", shows: "noatime"),
    .init(name: "nodev", shows: "nodev"), .init(name: "nodiratime", shows: "nodiratime"),
    .init(name: "noexec", shows: "noexec"), .init(name: "noiversion"),
    .init(name: "nolazytime", before: ["lazytime"], hides: "lazytime"), .init(name: "norelatime"),
    .init(name: "nostrictatime", shows: "relatime"), .init(name: "nosuid", shows: "nosuid"),
    .init(name: "relatime", shows: "relatime"), .init(name: "ro", shows: "ro"),
    .init(name: "rw", before: ["ro"], hides: "ro"), .init(name: "silent"),
    .init(name: "strictatime", hides: "relatime"), .init(name: "suid", before: ["nosuid"], hides: "nosuid"),
    .init(name: "sync", shows: "sync"), .init(name: "nosymfollow", shows: "nosymfollow", level: .should),
    .init(name: "symfollow", before: ["nosymfollow"], hides: "nosymfollow", level: .should),
]

/// Each on a recursive bind mount with a mount below it.
private let recursiveOptions: [Option] = [
    .init(name: "rro", shows: "ro"), .init(name: "rrw", hides: "ro"), .init(name: "rnosuid", shows: "nosuid"),
    .init(name: "rsuid", hides: "nosuid"), .init(name: "rnodev", shows: "nodev"), .init(name: "rdev", hides: "nodev"),
    .init(name: "rnoexec", shows: "noexec"), .init(name: "rexec", hides: "noexec"),
    .init(name: "rnodiratime", shows: "nodiratime"), .init(name: "rdiratime", hides: "nodiratime"),
    .init(name: "rnoatime", shows: "noatime"), .init(name: "ratime", hides: "noatime"),
    .init(name: "rrelatime", shows: "relatime"), .init(name: "rnorelatime"),
    .init(name: "rstrictatime", hides: "relatime"), .init(name: "rnostrictatime"),
    .init(name: "rnosymfollow", shows: "nosymfollow"), .init(name: "rsymfollow", hides: "nosymfollow"),
]

private let propagationOptions: [(String, recursive: Bool, @Sendable (MountLine) -> Bool)] = [
    ("private", false, { !$0.isPeer("shared:") && !$0.isPeer("master:") }),
    ("slave", false, { !$0.isPeer("shared:") && $0.isPeer("master:") }),
    ("shared", false, { $0.isPeer("shared:") }),
    ("unbindable", false, { $0.isPeer("unbindable") }),
    ("rprivate", true, { !$0.isPeer("shared:") && !$0.isPeer("master:") }),
    ("rslave", true, { !$0.isPeer("shared:") && $0.isPeer("master:") }),
    ("rshared", true, { $0.isPeer("shared:") }),
    ("runbindable", true, { $0.isPeer("unbindable") }),
]

let mountOptionCases: [Case] =
    tmpfsOptions.map { option in
        Case("config.md#linux-mount-options", "option \(option.name)", option.level) { box in
            box.append(mount: "/m", "tmpfs", "tmpfs", option.before + [option.name])
            let mount = try box.mount(at: "/m")
            let all = mount.options + mount.superOptions
            if let shows = option.shows { try require(all.contains(shows), shows, came: mount.everything) }
            if let hides = option.hides {
                try require(!mount.options.contains(hides), "no \(hides)", came: mount.everything)
            }
        }
    }
    + ["bind", "rbind"].map { option in
        Case("config.md#linux-mount-options", "option \(option)") { box in
            _ = try box.host("mkdir -p source/below && mount -t tmpfs below source/below && touch source/below/file")
            defer { _ = try? box.host("umount source/below") }
            box.append(mount: "/m", "bind", "\(box.path)/source", [option])
            try box.prints("ls /m/below", option == "rbind" ? "file" : "")
        }
    }
    + propagationOptions.map { option, recursive, fits in
        Case("config.md#linux-mount-options", "option \(option)") { box in
            _ = try box.host("mkdir -p source/below && mount -t tmpfs source source && mkdir source/below")
            _ = try box.host("mount -t tmpfs below source/below && mount --make-rshared source")
            defer { _ = try? box.host("umount source/below source") }
            box.append(mount: "/m", "bind", "\(box.path)/source", ["rbind", option])
            let table = try box.inside("cat /proc/self/mountinfo").lines.compactMap(MountLine.init)
            for place in recursive ? ["/m", "/m/below"] : ["/m"] {
                // What is unbindable can't come along where it is below.
                guard let line = table.last(where: { $0.place == place }) else {
                    throw Mismatch(expected: "a mount at \(place)", came: "none")
                }
                try require(
                    fits(line), "\(place) is \(option)", came: line.propagation.joined(separator: " ") + " (its peers)")
            }
        }
    }
    + recursiveOptions.map { option in
        Case("config.md#linux-mount-options", "option \(option.name) reaches mounts below", .should) { box in
            let first = option.hides.map { $0 == "relatime" ? "" : "-o \($0)" } ?? ""
            _ = try box.host("mkdir -p source && mount \(first) -t tmpfs source source")
            _ = try box.host(
                "mount -o remount,rw source; mkdir -p source/below; mount \(first) -t tmpfs below source/below")
            defer { _ = try? box.host("umount source/below source") }
            box.append(mount: "/m", "bind", "\(box.path)/source", ["rbind", option.name])
            let below = try box.mount(at: "/m/below")
            if let shows = option.shows { try require(below.options.contains(shows), shows, came: below.everything) }
            if let hides = option.hides {
                try require(!below.options.contains(hides), "no \(hides)", came: below.everything)
            }
        }
    }
    + [
        Case("config.md#linux-mount-options", "option remount") { box in
            box.append(mount: "/m", "tmpfs", "tmpfs", [])
            box.append(mount: "/m", "tmpfs", "tmpfs", ["remount", "ro"])
            try box.prints("touch /m/x 2>/dev/null; echo $?", "1")
            let mounts = try box.inside("grep -c ' /m ' /proc/self/mountinfo")
            try requireEqual("mounts at /m", mounts, "1")
        },
        Case("config.md#linux-mount-options", "a bind mount with ro can't be written") { box in
            _ = try box.host("mkdir source")
            box.append(mount: "/m", "bind", "\(box.path)/source", ["bind", "ro"])
            try box.prints("touch /m/x 2>/dev/null; echo $?", "1")
        },
    ]

let idmapCases: [Case] = [
    Case("config.md#linux-mount-options", "option idmap without any mapping is an error") { box in
        _ = try box.host("mkdir source")
        box.append(mount: "/m", "bind", "\(box.path)/source", ["bind", "idmap"])
        try box.refused("idmap without mappings and without a user namespace")
    },
    Case("config.md#linux-mount-options", "option ridmap without any mapping is an error") { box in
        _ = try box.host("mkdir source")
        box.append(mount: "/m", "bind", "\(box.path)/source", ["rbind", "ridmap"])
        try box.refused("ridmap without mappings and without a user namespace")
    },
    Case("config.md#linux-mount-options", "a mount's own mappings decide who owns its files") { box in
        _ = try box.host("mkdir source && touch source/file && chown 1000:2000 source/file")
        box.append(idmapped(box, "idmap", "bind"), to: "mounts")
        try box.prints("stat -c %u:%g /m/file", "5000:6000")
    },
    Case("config.md#linux-mount-options", "option ridmap maps mounts below, too", .should) { box in
        _ = try box.host("mkdir -p source/below && mount -t tmpfs b source/below && touch source/below/file")
        defer { _ = try? box.host("umount source/below") }
        _ = try box.host("chown 1000:2000 source/below/file")
        box.append(idmapped(box, "ridmap", "rbind"), to: "mounts")
        try box.prints("stat -c %u:%g /m/below/file", "5000:6000")
    },
    Case("config.md#posix-platform-mounts", "uidMappings without gidMappings are an error") { box in
        _ = try box.host("mkdir source")
        var mount = idmapped(box, "idmap", "bind").object ?? [:]
        mount["gidMappings"] = nil
        box.append(.object(mount), to: "mounts")
        try box.refused("gidMappings are missing")
    },
]

@Sendable private func idmapped(_ box: Box, _ option: String, _ bind: String) -> JSONValue {
    [
        "destination": "/m", "type": "none", "source": "\(box.path)/source",
        "options": [.string(bind), .string(option)],
        "uidMappings": [["containerID": 1000, "hostID": 5000, "size": 1]],
        "gidMappings": [["containerID": 2000, "hostID": 6000, "size": 1]],
    ]
}
