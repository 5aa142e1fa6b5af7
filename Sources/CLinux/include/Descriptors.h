// SPDX-License-Identifier: Apache-2.0
// ioctl(2), which is variadic, and a descriptor over a Unix socket, whose macros Swift can't see.
#pragma once

#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

static inline int wharf_ioctl(int fd, unsigned long request, unsigned long argument) {
    return ioctl(fd, request, argument);
}
static inline int wharf_ioctl_pointer(int fd, unsigned long request, void *argument) {
    return ioctl(fd, request, argument);
}

static inline unsigned long wharf_makedev(unsigned major, unsigned minor) { return makedev(major, minor); }
static inline unsigned wharf_major(unsigned long device) { return major(device); }
static inline unsigned wharf_minor(unsigned long device) { return minor(device); }

static inline int wharf_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/// Both ends of a connected pair of Unix sockets that keep message boundaries.
static inline int wharf_socket_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }
