// SPDX-License-Identifier: Apache-2.0
// Headers, syscall numbers and static-inline wrappers that Swift can't express. Nothing here has logic.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/xattr.h>
#include <unistd.h>

/// errno is a macro over a thread-local; Swift needs a function.
static inline int wharf_errno(void) { return errno; }
static inline void wharf_set_errno(int value) { errno = value; }

/// open(2) is variadic.
static inline int wharf_openat(int dirfd, const char *path, int flags, mode_t mode) {
    return openat(dirfd, path, flags, mode);
}

#include "Events.h"
#include "Packets.h"
#include "Spawn.h"
#include "Threads.h"
#include "Descriptors.h"
#include "Interfaces.h"
#include "Mounts.h"
#include "Privileges.h"
#include "Processes.h"
#include "Network.h"
#include "Trees.h"
