// SPDX-License-Identifier: Apache-2.0
//
// The rules of Tests/Tidy as a program, for `make check`; Scripts/tidy compiles the two together.

import Glibc

let complaints = SourceTree(root: CommandLine.arguments.dropFirst().first ?? ".").complaints()
for complaint in complaints { print(complaint) }
if !complaints.isEmpty {
    print("tidy: \(complaints.count) to mend")
    exit(1)
}
