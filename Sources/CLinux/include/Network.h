// SPDX-License-Identifier: Apache-2.0
// Sockets and network namespaces: what Glibc's Swift module leaves out.
#pragma once

#include <sched.h>
#include <sys/socket.h>


/// socket(2), whose type argument is an enumeration in Swift.
static inline int wharf_socket(int family, int type, int protocol) {
    return socket(family, type | SOCK_CLOEXEC, protocol);
}

/// SOL_NETLINK is not in Swift's view either.
static inline int wharf_netlink_option(int fd, int option) {
    int on = 1;
    return setsockopt(fd, 270, option, &on, sizeof on);
}
