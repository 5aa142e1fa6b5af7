// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

extension DetachScanner {
    /// Looks for the keys of `--detach-keys`. Throws, in the engine's words, that there are no such keys.
    init(flag text: String?) throws(Failure) {
        do throws(DetachKeys.UnknownKey) { self.init(keys: try DetachKeys.parse(text)) } catch {
            throw Failure("Invalid detach keys (\(text ?? "")) provided")
        }
    }
}
