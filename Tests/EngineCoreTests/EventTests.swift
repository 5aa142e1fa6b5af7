// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import JSON
import Testing

@testable import EngineCore

@Suite struct EventTests {
    private let start = EventMessage.make(
        "container", "start", id: "abc123", ["image": "busybox:latest", "name": "web", "tier": "front"], from: "busybox"
    )

    @Test(arguments: [
        (["type": ["container"]], true), (["type": ["image"]], false), (["event": ["start", "die"]], true),
        (["event": ["die"]], false), (["container": ["web"]], true), (["container": ["abc"]], true),
        (["container": ["zzz"]], false), (["image": ["busybox"]], true), (["image": ["busybox:latest"]], true),
        (["image": ["alpine"]], false), (["label": ["tier=front"]], true), (["label": ["tier=back"]], false),
        (["network": ["web"]], false), (["nonsense": ["x"]], true),
    ])
    func filters(_ filters: [String: [String]], _ expected: Bool) {
        #expect(EventFilter(Filters(filters)).matches(start) == expected)
    }

    @Test func anExecIsFoundByItsKind() {
        let event = EventMessage.make("container", "exec_create: sh -c ls", id: "abc", [:])
        #expect(EventFilter(Filters(["event": ["exec_create"]])).matches(event))
        #expect(!EventFilter(Filters(["event": ["exec_start"]])).matches(event))
    }

    @Test func tellsThePastThenThePresentInOrder() async {
        let hub = EventHub()
        hub.publish(.make("image", "load", id: "1", [:]))
        let before = Timestamp.now
        hub.publish(.make("image", "tag", id: "2", [:]))
        let stream = hub.events(since: before, until: nil, filter: EventFilter(Filters()))
        hub.publish(.make("image", "untag", id: "3", [:]))
        var actions: [String] = []
        for await event in stream {
            actions.append(event.action)
            if actions.count == 2 { break }
        }
        #expect(actions == ["tag", "untag"])
    }

    @Test func endsAtUntilAndRemembersOnlySoMuch() async {
        let hub = EventHub()
        for number in 0..<(EventHub.history + 10) { hub.publish(.make("image", "load", id: "\(number)", [:])) }
        var seen: [String] = []
        for await event in hub.events(since: .zero, until: .now, filter: EventFilter(Filters())) {
            seen.append(event.actor.id)
        }
        #expect(seen.count == EventHub.history)
        #expect(seen.last == "\(EventHub.history + 9)")
        #expect(hub.listenerCount == 0)
    }
}
