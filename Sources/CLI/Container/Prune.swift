// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import Linux

/// `container prune`: removes all stopped containers.
enum ContainerPrune {
    static func run(_ session: Session) throws -> Int32 {
        let question =
            "WARNING! This will remove all stopped containers.\nAre you sure you want to continue? [y/N] "
        guard try session.flags.bool("force") || Question.ask(question, session.console) else {
            throw Failure("container prune has been cancelled")
        }
        let report = try session.client().pruneContainers(session.filters())
        let deleted = report.containersDeleted ?? []
        if !deleted.isEmpty {
            session.console.print("Deleted Containers:\n" + deleted.joined(separator: "\n") + "\n")
        }
        session.console.print("Total reclaimed space: " + Human.size(Int64(clamping: report.spaceReclaimed), digits: 4))
        return 0
    }
}

/// A question that is answered with yes or no.
enum Question {
    /// Anything but `y` is no.
    static func ask(_ text: String, _ console: Console) throws -> Bool {
        console.print(text, terminator: "")
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while answer.count < 1024 {
            let count = try withUnsafeMutableBytes(of: &byte) { try RawDescriptor.read(console.input, into: $0) }
            guard count == 1, byte != 10 else { break }
            answer.append(byte)
        }
        return String(decoding: answer, as: UTF8.self).trimmed().lowercased() == "y"
    }
}
