// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

@testable import CommandLine

/// The table against the list of everything that docker 28 has.
@Suite struct TableTests {
    private static func facts() throws -> JSONObject {
        let directory = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let file = try #require(fopen("/\(directory)/CLITests/Data/docker-cli-28.json", "r"))
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&buffer, 1, buffer.count, file)
        return try #require(try JSON.parse(Array(buffer[..<count])).object)
    }

    @Test func everyCommandAndFlagIsThereAndNoOther() throws {
        let facts = try Self.facts()
        #expect(facts.members.count == 188)
        var known: Set<String> = [""]
        for (path, flags) in facts.members {
            let wanted = (flags.array ?? []).compactMap(\.string).sorted()
            if path.isEmpty {
                #expect(CommandTable.globalFlags().map { "--\($0.name)" }.sorted() == wanted)
            } else if CommandTable.noun(path) != nil {
                #expect(wanted == [], "\(path)")
            } else {
                let command = try #require(CommandTable.command(path), "\(path)")
                let got = command.flags().filter { $0.meaning == nil }.map { "--\($0.name)" }.sorted()
                #expect(got == wanted, "\(path)")
                #expect(command.shownName(calledAs: path) == path)
            }
            known.insert(path)
        }
        for command in CommandTable.all {
            for name in command.shownNames { #expect(known.contains(name), "\(name)") }
        }
        for noun in CommandTable.nouns { #expect(known.contains(noun.name), "\(noun.name)") }
    }

    @Test func namesAndShorthandsAreUnique() {
        var seen: Set<String> = []
        for command in CommandTable.all {
            for name in command.names { #expect(seen.insert(name).inserted, "\(name)") }
            let flags = command.flags()
            #expect(Set(flags.map(\.name)).count == flags.count, "\(command.path)")
            let letters = flags.compactMap(\.shorthand)
            #expect(Set(letters).count == letters.count, "\(command.path)")
            for flag in flags where flag.meaning == nil { #expect(!flag.summary.isEmpty, "\(flag.name)") }
            #expect(!command.summary.isEmpty && !command.summary.contains("\n"))
        }
    }

    @Test(arguments: ["container list", "container ps", "ps", "container ls"])
    func aliasesAreOneCommand(_ path: String) {
        #expect(CommandTable.command(path)?.path == "container ls")
    }

    @Test func helpNamesEveryFlag() {
        for command in CommandTable.all {
            let help = Help.command(command, shownName: command.path, program: "wharf")
            for flag in command.flags() where flag.meaning == nil { #expect(help.contains("--\(flag.name)")) }
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionKnowsTheCommands(_ shell: String) throws {
        let script = try Generators.generate(["completion", shell], program: "wharf")
        for word in ["container", "run", "detach", "volume"] { #expect(script.contains(word)) }
        #expect(throws: UsageProblem.self) { try Generators.generate(["completion", "cmd"], program: "wharf") }
    }

    @Test func referenceHasEveryCommand() throws {
        let page = try Generators.generate(["documentation"], program: "wharf")
        for command in CommandTable.all { #expect(page.contains("## wharf \(command.path)\n")) }
    }
}
