// SPDX-License-Identifier: Apache-2.0

/// Appends a container's output to its log, in the json-file format: one line of
/// `{"log":"hi\n","stream":"stdout","time":"2026-01-02T03:04:05.678901234Z"}` per line of output.
package struct LogWriter: ~Copyable {
}
