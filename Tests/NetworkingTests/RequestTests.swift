// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Linux
import Testing

@testable import Networking

@Suite struct RequestTests {
    private func check(_ mode: String, _ change: (inout SandboxRequest) -> Void = { _ in }) -> EngineError? {
        var request = SandboxRequest(containerID: "c", name: "c", networkMode: mode)
        change(&request)
        do {
            try RequestCheck(request: request, subnet: IPv4Prefix("172.17.0.1/16")).run()
            return nil
        } catch { return error }
    }

    @Test(arguments: ["", "default", "bridge", "host", "none", "mine", "container:abc"])
    func modesThatCanBeCreated(_ mode: String) {
        #expect(check(mode) == nil)
    }

    /// docker-transcripts.json, 184.
    @Test func transcript184() {
        let error = check("default") { request in
            var settings = EndpointSettings()
            settings.ipamConfig = EndpointIPAMConfig(ipv4Address: "1.2.3.4")
            request.endpoints = ["default": settings]
        }
        #expect(error?.code == .invalidParameter)
        #expect(
            error?.message
                == "invalid config for network bridge: invalid endpoint settings:\n"
                + "* user-specified IP address is supported on user-defined networks only\n"
                + "* no configured subnet contains IP address 1.2.3.4")
    }

    @Test func endpointSettings() {
        func settings(_ change: (inout EndpointSettings) -> Void) -> EngineError? {
            var settings = EndpointSettings()
            change(&settings)
            return check("bridge") { $0.endpoints = ["bridge": settings] }
        }
        #expect(settings { _ in } == nil)
        #expect(settings { $0.macAddress = "02:00:00:00:00:01" } == nil)
        #expect(settings { $0.macAddress = "01:00:00:00:00:01" }?.code == .invalidParameter)
        #expect(settings { $0.macAddress = "nonsense" }?.message == "invalid MAC address: nonsense")
        #expect(settings { $0.aliases = ["x"] }?.code == .invalidParameter)
        #expect(settings { $0.links = ["x"] }?.code == .notImplemented)
        #expect(settings { $0.driverOpts = ["x": "y"] }?.code == .notImplemented)
    }

    @Test func twoNetworksAreRefusedByName() {
        let error = check("bridge") { $0.endpoints = ["bridge": EndpointSettings(), "other": EndpointSettings()] }
        #expect(error?.code == .notImplemented)
        #expect(error?.message.contains("other") == true)
    }
}
