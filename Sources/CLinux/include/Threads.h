// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <malloc.h>
#include <sys/prctl.h>

/// Names the calling thread; prctl(2) is variadic. At most 15 bytes, the rest is cut off.
static inline int wharf_set_thread_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

/// Gives free memory back to the kernel.
static inline void wharf_trim_memory(void) { malloc_trim(0); }
