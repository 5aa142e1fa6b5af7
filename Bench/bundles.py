# SPDX-License-Identifier: Apache-2.0
#
# bundles.py FOLDER GROUP GOLDEN: makes the bundles that Bench/runtime runs, from the engine's own golden specification: with Docker's system
# call filter and without, and for whoever needs one of its own.
import copy
import json
import os
import sys

folder, group, golden = sys.argv[1:]
with open(golden) as file:
    base = json.load(file)
base["ociVersion"] = "1.0.2"  # what crun of Debian 12 knows
base["root"] = {"path": folder + "/root"}
base["process"].update(terminal=False, args=["/bin/true"])
for key in ("rlimits", "apparmorProfile"):
    base["process"].pop(key, None)
base["mounts"] = [mount for mount in base["mounts"] if mount["type"] != "bind"]
base["linux"]["namespaces"] = [{"type": kind} for kind in ("mount", "uts", "pid", "ipc", "network", "cgroup")]


def write(bundle, name, arguments=None, has_filter=True):
    spec = copy.deepcopy(base)
    spec["linux"]["cgroupsPath"] = f"/{group}/{name}"
    if arguments:
        spec["process"]["args"] = arguments
    if not has_filter:
        del spec["linux"]["seccomp"]
    os.makedirs(f"{folder}/{bundle}")
    with open(f"{folder}/{bundle}/config.json", "w") as file:
        json.dump(spec, file)


write("with", "bench")
write("without", "bench", has_filter=False)
for runtime in ("wharf", "crun"):
    for use in ("sleep", "exec"):
        write(f"{use}-{runtime}", f"{use}-{runtime}", ["/bin/sleep", "1000000"])
for number in range(64):
    write(f"many-{number}", f"many-{number}")
