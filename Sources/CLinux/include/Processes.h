// SPDX-License-Identifier: Apache-2.0
// Processes: clone3, pidfds, namespaces, prctl and execveat. Raw calls and variadic functions.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/// fork(2) with namespaces: the child runs on a copy of the caller's stack. Only for single-threaded programs.
/// `pidfd` and `cgroup` are used when `flags` has CLONE_PIDFD and CLONE_INTO_CGROUP.
static inline int wharf_clone3(uint64_t flags, int *pidfd, int exit_signal, int cgroup) {
    uint64_t arguments[11] = {flags, (uint64_t)(uintptr_t)pidfd, 0, 0, (uint64_t)exit_signal, 0, 0, 0, 0, 0,
                              (uint64_t)cgroup};
    return (int)syscall(SYS_clone3, arguments, sizeof arguments);
}
/// clone(2) as fork(2): for processes whose filter answers ENOSYS to clone3.
static inline int wharf_clone(int *pidfd, int exit_signal) {
#if defined(__s390x__)
    return (int)syscall(SYS_clone, 0, 0x1000 | exit_signal, pidfd, 0, 0);
#else
    return (int)syscall(SYS_clone, 0x1000 | exit_signal, 0, pidfd, 0, 0);
#endif
}
static inline int wharf_setns(int fd, int types) { return setns(fd, types); }
static inline int wharf_unshare(int flags) { return unshare(flags); }
static inline int wharf_pidfd_open(int pid, unsigned flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }
static inline int wharf_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, (void *)0, 0);
}
/// waitid(2) on a pidfd: 0 and `code` (CLD_EXITED, …), `status`; `code` 0 when WNOHANG found nothing.
static inline int wharf_wait_pidfd(int pidfd, int options, int *code, int *status) {
    siginfo_t info;
    info.si_pid = 0;
    info.si_code = 0;
    int result = (int)syscall(SYS_waitid, 3 /* P_PIDFD */, pidfd, &info, options, (void *)0);
    *code = info.si_pid ? info.si_code : 0;
    *status = info.si_status;
    return result;
}
static inline int wharf_close_range(unsigned first, unsigned last, unsigned flags) {
    return (int)syscall(SYS_close_range, first, last, flags);
}
static inline int wharf_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return prctl(option, a, b, c, d);
}
static inline int wharf_execveat(int dir, const char *path, char *const *argv, char *const *envp, int flags) {
    return (int)syscall(SYS_execveat, dir, path, argv, envp, flags);
}
static inline int wharf_prlimit(int resource, const struct rlimit *limit, struct rlimit *old) {
    return (int)syscall(SYS_prlimit64, 0, resource, limit, old);
}
static inline int wharf_setresuid(unsigned uid) { return (int)syscall(SYS_setresuid, uid, uid, uid); }
static inline int wharf_setresgid(unsigned gid) { return (int)syscall(SYS_setresgid, gid, gid, gid); }
static inline int wharf_setgroups(size_t count, const uint32_t *groups) {
    return (int)syscall(SYS_setgroups, count, groups);
}
static inline int wharf_memfd_create(const char *name, unsigned flags) {
    return (int)syscall(SYS_memfd_create, name, flags);
}
static inline int wharf_fcntl(int fd, int command, long argument) { return fcntl(fd, command, argument); }
static inline int wharf_faccessat2(int dir, const char *path, int mode, int flags) {
    return (int)syscall(SYS_faccessat2, dir, path, mode, flags);
}
static inline long wharf_personality(unsigned long persona) { return syscall(SYS_personality, persona); }
static inline long wharf_join_session_keyring(const char *name) {
    return syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, name);
}
static inline long wharf_ioprio_set(int value) { return syscall(SYS_ioprio_set, 1 /* process */, 0, value); }
static inline long wharf_getcwd(char *buffer, size_t size) { return syscall(SYS_getcwd, buffer, size); }
/// sched_setattr(2): struct sched_attr of 48 bytes.
static inline int wharf_sched_setattr(
    uint32_t policy, uint64_t flags, int32_t nice, uint32_t priority, uint64_t runtime, uint64_t deadline,
    uint64_t period) {
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attr = {48, policy, flags, nice, priority, runtime, deadline, period};
    return (int)syscall(SYS_sched_setattr, 0, &attr, 0);
}
static inline int wharf_sched_setaffinity(const uint8_t *mask, size_t bytes) {
    return (int)syscall(SYS_sched_setaffinity, 0, bytes, mask);
}
static inline int wharf_set_mempolicy(int mode, const uint8_t *mask, unsigned long bits) {
    return (int)syscall(SYS_set_mempolicy, mode, bits ? mask : (const uint8_t *)0, bits);
}
