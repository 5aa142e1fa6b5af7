// SPDX-License-Identifier: Apache-2.0
//
// Rule R11, at the earliest: a command that starts a process in a container runs from a read-only mount of the
// program's file. The program must be executed anew for that; here, before Swift's runtime is set up, it costs half of
// what it does later. Whatever fails here is left to ReadOnlyProgram.swift, which checks again and says why.
#define _GNU_SOURCE
#include "CEarlyStart.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

static int starts_a_process(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "run") || !strcmp(argv[i], "create") || !strcmp(argv[i], "exec")) return 1;
    return 0;
}

static void early(int argc, char **argv, char **environment) {
    if (!starts_a_process(argc, argv)) return;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    struct statvfs status;
    int seals = fcntl(file, 1034 /* F_GET_SEALS */);
    int is_safe = (fstatvfs(file, &status) == 0 && (status.f_flag & ST_RDONLY)) || (seals >= 0 && (seals & 8 /* WRITE */));
    close(file);
    if (is_safe) return;
    // OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC; MOUNT_ATTR_RDONLY
    int tree = (int)syscall(428 /* open_tree */, AT_FDCWD, "/proc/self/exe", 1 | O_CLOEXEC);
    if (tree < 0) return;
    uint64_t attributes[4] = {1, 0, 0, 0};
    if (syscall(442 /* mount_setattr */, tree, "", AT_EMPTY_PATH, attributes, sizeof attributes) == 0)
        syscall(SYS_execveat, tree, "", argv, environment, AT_EMPTY_PATH);
    close(tree);
}

__attribute__((section(".preinit_array"), used)) static void (*const hook)(int, char **, char **) = early;
