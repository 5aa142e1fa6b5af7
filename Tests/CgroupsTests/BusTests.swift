// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import Testing

@testable import Cgroups

/// The D-Bus client, against bytes and against a server of the test's own.
@Suite struct BusTests {
    /// As busctl sent it: `busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 … StopUnit ss a.scope
    /// replace`, in the layout of the D-Bus specification.
    @Test func aCallIsLaidOutAsTheSpecificationSays() {
        var call = BusMessage(call: "M", of: "a.b", at: "/p", destination: "d.e", [.string("hé"), .boolean(true)])
        call.serial = 7
        let expected: [UInt8] =
            [0x6c, 1, 0, 1, 12, 0, 0, 0, 7, 0, 0, 0, 71, 0, 0, 0]
            + [1, 1, 0x6f, 0, 2, 0, 0, 0] + Array("/p\0".utf8) + [0, 0, 0, 0, 0]
            + [2, 1, 0x73, 0, 3, 0, 0, 0] + Array("a.b\0".utf8) + [0, 0, 0, 0]
            + [3, 1, 0x73, 0, 1, 0, 0, 0] + Array("M\0".utf8) + [0, 0, 0, 0, 0, 0]
            + [6, 1, 0x73, 0, 3, 0, 0, 0] + Array("d.e\0".utf8) + [0, 0, 0, 0]
            + [8, 1, 0x67, 0, 2] + Array("sb\0".utf8) + [0, 0, 0, 0, 0, 0, 0, 0]
            + [3, 0, 0, 0] + Array("hé\0".utf8) + [1, 0, 0, 0]
        let bytes = call.encoded()
        // The last field's padding belongs to the head, and is not counted in its length.
        #expect(Array(bytes[16..<64]) == Array(expected[16..<64]))
        #expect(bytes.count % 4 == 0 && BusMessage.length(prefix: Array(bytes[..<16])) == bytes.count)
        #expect(BusMessage(bytes) == call)
    }

    private static let values: [BusValue] = [
        .byte(7), .boolean(false), .uint32(.max), .uint64(1 << 40), .string(""), .objectPath("/a"), .signature("a(sv)"),
        .array(of: "u", []), .array(of: "(sv)", []), .array(of: "y", [.byte(1), .byte(2)]),
        .array(
            of: "(sv)",
            [
                .structure([.string("PIDs"), .variant(.array(of: "u", [.uint32(1)]))]),
                .structure([.string("Delegate"), .variant(.boolean(true))]),
            ]), .array(of: "(sa(sv))", []), .structure([.byte(1), .uint64(2)]),
    ]

    @Test func valuesComeBack() {
        for order in [BusTests.values, BusTests.values.reversed()] {
            var message = BusMessage(call: "M", of: "a.b", at: "/p", destination: "d.e", order)
            message.serial = 1
            #expect(BusMessage(message.encoded()) == message)
        }
    }

    /// Whatever is changed, it is read as something or refused: the reader does not trap.
    @Test func brokenMessagesAreNoMessages() {
        var message = BusMessage(call: "M", of: "a.b", at: "/p", destination: "d.e", BusTests.values)
        message.serial = 1
        let bytes = message.encoded()
        for length in 0..<bytes.count { #expect(BusMessage(Array(bytes[..<length])) == nil) }
        for place in bytes.indices {
            for value in [0, 1, 0x28, 0x61, 0x7f, 0x80, 0xff] as [UInt8] {
                var changed = bytes
                changed[place] = value
                _ = BusMessage(changed)
            }
        }
        var nested = BusMessage(call: "M", of: "a.b", at: "/p", destination: "d.e", [.string("")])
        nested.body = [.signature(String(repeating: "v", count: 200))]
        #expect(BusMessage(nested.encoded()) != nil)
    }

    /// A server that answers AUTH and then sends what it is given, whatever it is asked.
    private func connection(_ greeting: String, _ messages: [BusMessage], _ body: (BusConnection) throws -> Void) throws
    {
        var pair: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        let server = FileDescriptor(owning: pair[1])
        try server.writeAll(Array(greeting.utf8) + messages.flatMap { $0.encoded() })
        let client = FileDescriptor(owning: pair[0])
        try body(try BusConnection(client, "test", milliseconds: 200))
        _ = consume server
    }

    private func signal(_ job: String, _ result: String) -> BusMessage {
        var signal = BusMessage(call: "JobRemoved", of: "m", at: "/m", destination: "d")
        signal.kind = .signal
        signal.serial = 9
        signal.body = [.uint32(1), .objectPath(job), .string("a.scope"), .string(result)]
        return signal
    }

    private func answer(
        _ kind: BusMessage.Kind, to serial: UInt32, _ body: [BusValue], error: String? = nil
    ) -> BusMessage {
        var answer = BusMessage(call: "", of: "", at: "", destination: "")
        (answer.path, answer.interface, answer.member, answer.destination) = (nil, nil, nil, nil)
        (answer.kind, answer.serial, answer.answers, answer.body, answer.error) = (kind, 5, serial, body, error)
        return answer
    }

    @Test func aJobThatEndsBeforeItIsAnsweredIsNotMissed() throws {
        let messages = [
            signal("/other", "done"), signal("/job/1", "done"), answer(.answer, to: 1, [.objectPath("/job/1")]),
        ]
        try connection("OK 0123\r\n", messages) { bus in
            try SystemdManager(bus).startScope("a.scope", properties: [])
        }
    }

    @Test(arguments: ["failed", "canceled", "timeout"])
    func aJobThatFailsIsAnError(result: String) throws {
        try connection("OK 0123\r\n", [answer(.answer, to: 1, [.objectPath("/job/1")]), signal("/job/1", result)]) {
            bus in
            let error = #expect(throws: CgroupError.self) {
                try SystemdManager(bus).startScope("a.scope", properties: [])
            }
            #expect(error?.message == "systemd, starting a.scope: the job ended with \"\(result)\"")
        }
    }

    @Test func aUnitThatIsThereIsTriedOnceMoreAndNamed() throws {
        let exists = "org.freedesktop.systemd1.UnitExists"
        let text = "Unit a.scope was already loaded or has a fragment file."
        let messages = [
            answer(.error, to: 1, [.string(text)], error: exists), answer(.answer, to: 2, []),
            answer(.error, to: 3, [.string(text)], error: exists),
        ]
        try connection("OK 0123\r\n", messages) { bus in
            let error = #expect(throws: CgroupError.self) {
                try SystemdManager(bus).startScope("a.scope", properties: [])
            }
            #expect(error?.message == "systemd, starting a.scope: \(text)")
        }
    }

    @Test func stoppingWhatIsGoneIsNoError() throws {
        let messages = [
            answer(.error, to: 1, [.string("Unit a.scope not loaded.")], error: "org.freedesktop.systemd1.NoSuchUnit"),
            answer(.answer, to: 2, []),
        ]
        try connection("OK 0123\r\n", messages) { bus in try SystemdManager(bus).stop("a.scope") }
    }

    @Test func aServerThatRefusesOrIsSilentOrTalksNonsenseIsAnError() throws {
        for (greeting, text) in [
            ("REJECTED EXTERNAL\r\n", "does not let us in"), ("", "no answer within"),
            ("OK 1\r\nHTTP/1.1 400 Bad Request\r\n", "no message"),
        ] {
            let error = #expect(throws: CgroupError.self) {
                try connection(greeting, []) { bus in try SystemdManager(bus).setProperties("a.scope", []) }
            }
            #expect(error?.message.contains(text) == true, "\(greeting)")
        }
    }
}
