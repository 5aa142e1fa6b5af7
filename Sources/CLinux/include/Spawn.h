// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/types.h>

/// A program to start as nobody's child.
struct wharf_spawn {
    /// An open executable, and its arguments and environment, NULL-terminated.
    int executable;
    char *const *arguments;
    char *const *environment;
    /// The working directory, open.
    int directory;
    /// What becomes descriptors 0, 1 and 2, and those that go to fixed numbers, all of them below 64. All others are
    /// closed.
    int input;
    int output;
    const int *descriptors;
    const int *numbers;
    size_t count;
    /// Open cgroup.procs files of the cgroups to enter before the program runs.
    const int *cgroups;
    size_t cgroup_count;
};

/// Starts it in a session of its own with init as its parent, all signals at their defaults and none blocked.
/// Returns its pid, or -1 with errno. May be called from a process with threads.
pid_t wharf_spawn_detached(const struct wharf_spawn *spawn);

/// fcntl(2) is variadic.
static inline int wharf_add_seals(int descriptor, int seals) { return fcntl(descriptor, F_ADD_SEALS, seals); }
