// SPDX-License-Identifier: Apache-2.0
// Capabilities, system call filters and BPF programs.
#pragma once

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

struct wharf_capabilities {
    uint64_t effective, permitted, inheritable;
};

static inline int wharf_capget(struct wharf_capabilities *sets) {
    uint32_t header[2] = {0x20080522, 0}, data[6] = {0};
    int result = (int)syscall(SYS_capget, header, data);
    sets->effective = data[0] | (uint64_t)data[3] << 32;
    sets->permitted = data[1] | (uint64_t)data[4] << 32;
    sets->inheritable = data[2] | (uint64_t)data[5] << 32;
    return result;
}
static inline int wharf_capset(const struct wharf_capabilities *sets) {
    uint32_t header[2] = {0x20080522, 0};
    uint32_t data[6] = {(uint32_t)sets->effective,         (uint32_t)sets->permitted,
                        (uint32_t)sets->inheritable,       (uint32_t)(sets->effective >> 32),
                        (uint32_t)(sets->permitted >> 32), (uint32_t)(sets->inheritable >> 32)};
    return (int)syscall(SYS_capset, header, data);
}

struct wharf_filter_program {
    unsigned short count;
    const void *instructions;
};

/// seccomp(2) SECCOMP_SET_MODE_FILTER with `count` eight-byte instructions.
static inline int wharf_seccomp_load(const void *instructions, unsigned short count, unsigned flags) {
    struct wharf_filter_program program = {count, instructions};
    return (int)syscall(SYS_seccomp, 1, flags, &program);
}

/// bpf(2) BPF_PROG_LOAD of a cgroup device program.
static inline int wharf_bpf_load_device(const uint64_t *instructions, uint32_t count) {
    struct {
        uint32_t type, count;
        uint64_t instructions, license;
        uint32_t log_level, log_size;
        uint64_t log;
        uint32_t kernel_version, flags;
    } attr = {15, count, (uint64_t)(uintptr_t)instructions, (uint64_t)(uintptr_t) "Apache-2.0", 0, 0, 0, 0, 0};
    return (int)syscall(SYS_bpf, 5, &attr, sizeof attr);
}
/// bpf(2) BPF_PROG_ATTACH, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI.
static inline int wharf_bpf_attach_device(int program, int group) {
    struct {
        uint32_t target, program, type, flags;
    } attr = {(uint32_t)group, (uint32_t)program, 6, 2};
    return (int)syscall(SYS_bpf, 8, &attr, sizeof attr);
}
