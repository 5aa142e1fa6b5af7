// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

extension DetachScanner {
    /// Looks for the keys of `--detach-keys`. Throws what is wrong with them.
    init(flag text: String?) throws(Failure) {
        do throws(DetachKeys.UnknownKey) { self.init(keys: try DetachKeys.parse(text)) } catch {
            throw Failure("Unknown character: '\(error.name)'")
        }
    }
}
