// SPDX-License-Identifier: Apache-2.0

/// The Foundation-free JSON reader and writer.
public enum JSON {}
