// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>

/// Names the calling thread; prctl(2) is variadic. At most 15 bytes, the rest is cut off.
static inline int wharf_set_thread_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

/// Gives free memory back to the kernel.
static inline void wharf_trim_memory(void) { malloc_trim(0); }

/// Gives back what the main thread's stack has grown to below the caller: nobody's any more. Nothing else is mapped
/// there, as the stack may grow by megabytes; that part of the range is not mapped at all is no error that matters.
static inline void wharf_release_stack(void) {
    const uintptr_t length = 512 * 1024;
    uintptr_t end = ((uintptr_t)__builtin_frame_address(0) - 4096) & ~(uintptr_t)4095;
    madvise((void *)(end - length), length, MADV_DONTNEED);
}
