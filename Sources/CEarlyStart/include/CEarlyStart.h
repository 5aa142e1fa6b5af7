// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Nothing to call: linking this module is what has the effect. See EarlyStart.c.
