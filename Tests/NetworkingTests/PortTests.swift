// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Linux
import Testing

@testable import Networking

@Suite struct PortTests {
    private func request(_ bindings: [(String, String, String)]) throws -> SandboxRequest {
        var request = SandboxRequest(containerID: "c", name: "c", networkMode: "bridge")
        for (port, hostIP, hostPort) in bindings {
            let port = try #require(PortSpec(port))
            let known = (request.portBindings[port] ?? nil) ?? []
            request.portBindings[port] = known + [PortBinding(hostIP: hostIP, hostPort: hostPort)]
        }
        return request
    }

    private func reserve(
        _ bindings: [(String, String, String)], in table: inout PortTable, hasIPv6: Bool = true
    ) throws -> [String] {
        let planner = PortPlanner(hasIPv6: hasIPv6)
        return try planner.reserve(planner.wishes(request(bindings)), in: &table).flatMap { port in
            port.hostIPs.map { "\($0) \(port.hostPort) \(port.container)" }
        }
    }

    private func failure(_ body: () throws -> Void) -> EngineError? {
        do { try body() } catch { return error as? EngineError }
        return nil
    }

    @Test func transcript65() throws {
        var table = PortTable()
        let ports = try reserve([("80/tcp", "", "18080"), ("81/udp", "127.0.0.1", "")], in: &table)
        #expect(ports == ["0.0.0.0 18080 80/tcp", ":: 18080 80/tcp", "127.0.0.1 32768 81/udp"])
    }

    @Test func withoutIPv6ThereIsNoSecondEntry() throws {
        var table = PortTable()
        #expect(try reserve([("80", "", "8080")], in: &table, hasIPv6: false) == ["0.0.0.0 8080 80/tcp"])
    }

    @Test func transcript66() throws {
        var table = PortTable()
        _ = try reserve([("80/tcp", "", "18080")], in: &table)
        let error = failure { _ = try reserve([("80/tcp", "", "18080")], in: &table) }
        #expect(error?.message == "Bind for 0.0.0.0:18080 failed: port is already allocated")
        #expect(error?.code == .system)
    }

    @Test(arguments: [
        ("127.0.0.1", "0.0.0.0", true), ("0.0.0.0", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
        ("127.0.0.1", "127.0.0.1", true), ("::1", "127.0.0.1", false), ("::", "0.0.0.0", false), ("::", "::1", true),
    ])
    func wildcardsConflict(_ first: String, _ second: String, _ conflict: Bool) throws {
        var table = PortTable()
        _ = try reserve([("80", first, "8080")], in: &table)
        let failed = failure { _ = try reserve([("81", second, "8080")], in: &table) } != nil
        #expect(failed == conflict)
        // Another protocol is another port.
        #expect(failure { _ = try reserve([("81/udp", second, "8080")], in: &table) } == nil)
    }

    @Test func rangesTakeTheFirstFree() throws {
        var table = PortTable()
        #expect(try reserve([("80", "0.0.0.0", "8000-8001")], in: &table) == ["0.0.0.0 8000 80/tcp"])
        #expect(try reserve([("80", "0.0.0.0", "8000-8001")], in: &table) == ["0.0.0.0 8001 80/tcp"])
        #expect(
            failure { _ = try reserve([("80", "0.0.0.0", "8000-8001")], in: &table) }?.message
                == "all ports are allocated")
    }

    @Test func ephemeralPortsGoRound() throws {
        var table = PortTable(ephemeral: 40000...40002)
        let address = try #require(HostAddress("0.0.0.0"))
        #expect(try reserve([("80", "0.0.0.0", "")], in: &table) == ["0.0.0.0 40000 80/tcp"])
        table.release(PortSpec(40000), at: [address])
        #expect(try reserve([("80", "0.0.0.0", "0")], in: &table) == ["0.0.0.0 40001 80/tcp"])
        #expect(try reserve([("80", "0.0.0.0", "")], in: &table) == ["0.0.0.0 40002 80/tcp"])
        #expect(try reserve([("80", "0.0.0.0", "")], in: &table) == ["0.0.0.0 40000 80/tcp"])
    }

    @Test func aFailureTakesNothing() throws {
        var table = PortTable()
        _ = try reserve([("80", "0.0.0.0", "8081")], in: &table)
        #expect(
            failure { _ = try reserve([("80", "0.0.0.0", "8080"), ("81", "0.0.0.0", "8081")], in: &table) } != nil)
        #expect(try reserve([("80", "0.0.0.0", "8080")], in: &table) == ["0.0.0.0 8080 80/tcp"])
    }

    @Test(arguments: ["99999", "x", "-1", "80-", "90-80", "0-5", "80-81-82", " 80", "+80"])
    func malformedHostPorts(_ text: String) throws {
        let planner = PortPlanner(hasIPv6: false)
        let error = failure { _ = try planner.wishes(request([("80", "", text)])) }
        #expect(error?.message == "invalid port specification: \"\(text)\"")
        #expect(error?.code == .invalidParameter)
    }

    @Test func malformedHostAddresses() throws {
        let planner = PortPlanner(hasIPv6: false)
        #expect(
            failure { _ = try planner.wishes(request([("80", "nowhere", "80")])) }?.message
                == "invalid IP address: nowhere")
        #expect(failure { _ = try planner.wishes(request([("80/sctp", "", "80")])) }?.code == .notImplemented)
    }

    @Test func publishAllTakesWhatIsExposedOnly() throws {
        var request = try request([("81", "", "9000")])
        request.publishAllPorts = true
        request.exposedPorts = [PortSpec(80), PortSpec(81)]
        let wishes = try PortPlanner(hasIPv6: false).wishes(request)
        #expect(wishes.map(\.container) == [PortSpec(80), PortSpec(81)])
        #expect(wishes.map(\.range) == [nil, 9000...9000])
    }
}
