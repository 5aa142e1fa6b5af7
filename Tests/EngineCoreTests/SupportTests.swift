// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import JSON
import Testing

@testable import EngineCore

@Suite struct UndoStackTests {
    private actor Notes {
        var lines: [String] = []
        func add(_ line: String) { lines.append(line) }
    }

    private struct Broken: Error {}

    @Test func undoesLastFirstAndGoesOnAfterAFailure() async throws {
        let notes = Notes()
        var undo = UndoStack()
        try undo.push("first") { await notes.add("first") }
        try undo.push("second") { throw Broken() }
        try undo.push("third") { await notes.add("third") }
        let failures = await undo.unwind()
        #expect(await notes.lines == ["third", "first"])
        #expect(failures.map(\.step) == ["second"])
        #expect(await undo.unwind().isEmpty, "nothing is undone twice")
    }

    @Test func undoesNothingAfterCommit() async throws {
        let notes = Notes()
        var undo = UndoStack()
        try undo.push("step") { await notes.add("step") }
        undo.commit()
        _ = await undo.unwind()
        #expect(await notes.lines.isEmpty)
    }
}

@Suite struct NameTests {
    @Test func generatedNamesAreValidAndNeverTaken() throws {
        var taken: Set<String> = []
        for _ in 0..<2000 {
            let name = NameGenerator.name { taken.contains($0) }
            #expect(!taken.contains(name))
            #expect(RestrictedName.isValid(name))
            taken.insert(name)
        }
    }

    @Test func endsWhenEveryPlainNameIsTaken() {
        let name = NameGenerator.name { !($0.last?.isNumber ?? false) }
        #expect(name.last?.isNumber == true)
    }

    @Test func identifiersAreDistinctHexadecimalAndNoNumbers() {
        let ids = (0..<1000).map { _ in Identifier.random() }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { Identifier.isValid($0) && Int(Identifier.short($0)) == nil })
        #expect(!Identifier.isValid("../../etc"))
        #expect(!Identifier.isValid(String(repeating: "A", count: 64)))
    }

    @Test(arguments: ["", "a", "-a", "a b", "a/b", "ä1", ".x"])
    func badNamesAreRefused(_ name: String) { #expect(!RestrictedName.isValid(name)) }
}

@Suite struct PhaseTests {
    @Test func followsTheDiagram() {
        #expect(Phase.created.allows(.starting))
        #expect(Phase.starting.allows(.created))
        #expect(Phase.exited.allows(.removing))
        #expect(Phase.removing.allows(.removed))
        #expect(!Phase.created.allows(.exiting))
        #expect(!Phase.removed.allows(.starting))
        #expect(!Phase.removing.allows(.starting))
        #expect(!Phase.exiting.allows(.removing))
    }

    @Test func transitionalPhasesAreThoseSomebodyWorksIn() {
        #expect([Phase.starting, .exiting, .removing].allSatisfy { $0.isTransitional })
        #expect([Phase.created, .exited, .removed].allSatisfy { !$0.isTransitional })
    }
}

@Suite struct WaitTests {
    @Test func answersThoseItConcernsAndNobodyElse() async throws {
        let registry = WaitRegistry()
        let exit = registry.register(.nextExit)
        let removal = registry.register(.removed)
        registry.resolve([.notRunning, .nextExit], WaitResponse(statusCode: 3))
        #expect(try await exit.result().statusCode == 3)
        registry.resolve([.removed], WaitResponse(statusCode: 4))
        #expect(try await removal.result().statusCode == 4)
    }

    @Test func endsWhenTheClientGoes() async {
        let wait = WaitRegistry().register(.removed)
        let task = Task { try await wait.result() }  // ended right below
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
