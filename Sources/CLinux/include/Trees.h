// SPDX-License-Identifier: Apache-2.0
// Extended attributes, which Swift's Glibc module leaves out.
#pragma once

#include <sys/types.h>
#include <sys/xattr.h>

static inline int wharf_fsetxattr(int fd, const char *name, const void *value, size_t size) {
    return fsetxattr(fd, name, value, size, 0);
}
static inline int wharf_lsetxattr(const char *path, const char *name, const void *value, size_t size) {
    return lsetxattr(path, name, value, size, 0);
}
static inline ssize_t wharf_fgetxattr(int fd, const char *name, void *value, size_t size) {
    return fgetxattr(fd, name, value, size);
}
static inline ssize_t wharf_lgetxattr(const char *path, const char *name, void *value, size_t size) {
    return lgetxattr(path, name, value, size);
}
static inline ssize_t wharf_llistxattr(const char *path, char *list, size_t size) {
    return llistxattr(path, list, size);
}
