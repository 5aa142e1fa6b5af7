// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/prctl.h>

/// Names the calling thread; prctl(2) is variadic. At most 15 bytes, the rest is cut off.
static inline int wharf_set_thread_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }
