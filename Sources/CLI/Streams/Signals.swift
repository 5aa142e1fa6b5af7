// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The signals that a command with a stream takes care of itself.
enum ProxiedSignals {
    static let hangUp: Int32 = 1
    static let interrupt: Int32 = 2
    static let quit: Int32 = 3
    static let terminate: Int32 = 15
    static let windowChanged: Int32 = 28
    /// What is passed on to the container with `--sig-proxy`: also USR1, USR2, ALRM, CONT and TSTP.
    static let passedOn: [Int32] = ending + [10, 12, 14, 18, 20]
    /// What ends this program, with the terminal put back, when nothing is passed on.
    static let ending: [Int32] = [hangUp, interrupt, quit, terminate]
}
