// SPDX-License-Identifier: Apache-2.0

/// Sees each step of a multi-step operation right after the step has succeeded; what it throws makes the operation fail
/// there. There is one only in tests (decision 0012).
package typealias StepObserver = @Sendable (_ step: String) throws -> Void
