// SPDX-License-Identifier: Apache-2.0

/// The version that client and engine tell of themselves; wharf-runtime, which links neither, has the same
/// (Tests/IntegrationTests/ListTests.swift compares the programs).
package enum ProductVersion {
    package static let wharf = "0.1.0"
}
