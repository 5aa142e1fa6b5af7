// SPDX-License-Identifier: Apache-2.0
// The mount calls of Linux 5.2 to 5.12 and openat2, by number: C libraries differ in which they wrap.
#pragma once

#include <stdint.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static inline int wharf_fsopen(const char *type, unsigned flags) { return (int)syscall(SYS_fsopen, type, flags); }
static inline int wharf_fspick(int dir, const char *path, unsigned flags) {
    return (int)syscall(SYS_fspick, dir, path, flags);
}
static inline int wharf_fsconfig(int fs, unsigned command, const char *key, const void *value, int aux) {
    return (int)syscall(SYS_fsconfig, fs, command, key, value, aux);
}
static inline int wharf_fsmount(int fs, unsigned flags, unsigned attributes) {
    return (int)syscall(SYS_fsmount, fs, flags, attributes);
}
static inline int wharf_open_tree(int dir, const char *path, unsigned flags) {
    return (int)syscall(SYS_open_tree, dir, path, flags);
}
static inline int wharf_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags) {
    return (int)syscall(SYS_move_mount, from, from_path, to, to_path, flags);
}

struct wharf_mount_attr {
    uint64_t set, clear, propagation, userns;
};

static inline int wharf_mount_setattr(
    int dir, const char *path, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation) {
    struct wharf_mount_attr attr = {set, clear, propagation, 0};
    return (int)syscall(SYS_mount_setattr, dir, path, flags, &attr, sizeof attr);
}
/// MOUNT_ATTR_IDMAP with the mapping of a user namespace.
static inline int wharf_mount_idmap(int dir, unsigned flags, int userns) {
    struct wharf_mount_attr attr = {0x100000, 0, 0, (uint64_t)userns};
    return (int)syscall(SYS_mount_setattr, dir, "", flags, &attr, sizeof attr);
}
static inline int wharf_pivot_root(const char *new_root, const char *put_old) {
    return (int)syscall(SYS_pivot_root, new_root, put_old);
}
static inline int wharf_umount2(const char *path, int flags) { return (int)syscall(SYS_umount2, path, flags); }

static inline int wharf_openat2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    uint64_t how[3] = {flags, mode, resolve};
    return (int)syscall(SYS_openat2, dir, path, how, sizeof how);
}
