// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>

/// epoll_ctl(2) with the token that `wharf_epoll_wait` gives back.
static inline int wharf_epoll_ctl(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = { .events = events, .data = { .u64 = token } };
    return epoll_ctl(epoll, operation, descriptor, &event);
}
static inline uint32_t wharf_epoll_events(const struct epoll_event *event) { return event->events; }
static inline uint64_t wharf_epoll_token(const struct epoll_event *event) { return event->data.u64; }

/// A signalfd of the listed signals, which are blocked in the calling thread from then on.
static inline int wharf_signalfd(const int *signals, size_t count) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
static inline void wharf_ignore_signal(int number) { signal(number, SIG_IGN); }

/// fcntl(2) and ioctl(2) are variadic.
static inline int wharf_set_nonblocking(int descriptor, int on) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -1;
    int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return wanted == flags ? 0 : fcntl(descriptor, F_SETFL, wanted);
}
static inline int wharf_set_window_size(int terminal, uint16_t rows, uint16_t columns) {
    struct winsize size = { .ws_row = rows, .ws_col = columns };
    return ioctl(terminal, TIOCSWINSZ, &size);
}
static inline int wharf_bytes_waiting(int descriptor, int *count) { return ioctl(descriptor, FIONREAD, count); }

/// A member of a union behind a macro.
static inline int wharf_siginfo_pid(const siginfo_t *information) { return information->si_pid; }
