// SPDX-License-Identifier: Apache-2.0

/// The words of a table that is written as running text.
func words(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }
