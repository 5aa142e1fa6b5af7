// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import JSON
import Testing

/// What Docker takes from clients that are not `docker`, and what it refuses.
struct ToleranceTests {
    private func create(_ text: String) throws -> ContainerCreateRequest {
        try JSON.decode(ContainerCreateRequest.self, from: Array(text.utf8))
    }

    @Test func takesAnEmptyObjectAndNulls() throws {
        #expect(try create("{}") == ContainerCreateRequest())
        let nulls = try create(
            #"{"Cmd":null,"Env":null,"Tty":null,"Image":null,"HostConfig":{"Memory":null,"Binds":null,"RestartPolicy":null,"LogConfig":{"Type":null,"Config":null},"PortBindings":null},"NetworkingConfig":null,"Labels":null}"#
        )
        #expect(nulls == ContainerCreateRequest())
    }

    @Test func takesAStringForAList() throws {
        let request = try create(#"{"Cmd":"date","Entrypoint":"sh","HostConfig":{"CapAdd":"NET_ADMIN"}}"#)
        #expect(request.config.cmd == ["date"])
        #expect(request.config.entrypoint == ["sh"])
        #expect(request.hostConfig.capAdd == ["NET_ADMIN"])
    }

    @Test func doesNotMindUnknownMembersOrTheCaseOfNames() throws {
        let request = try create(#"{"image":"x","nope":{"a":[1]},"HOSTCONFIG":{"memory":5}}"#)
        #expect(request.config.image == "x")
        #expect(request.hostConfig.memory == 5)
    }

    @Test(arguments: [
        (#"{"HostConfig":{"Memory":"64m"}}"#, "HostConfig.Memory"), (#"{"Tty":"yes"}"#, "Tty"),
        (#"{"Cmd":[1]}"#, "Cmd"), (#"{"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":80}]}}}"#, "HostPort"),
        (#"{"HostConfig":{"PortBindings":{"http/tcp":[]}}}"#, "PortBindings"),
        (#"{"HostConfig":{"NanoCpus":1.5}}"#, "NanoCpus"), (#"{"HostConfig":{"BlkioWeight":70000}}"#, "BlkioWeight"),
        (#"{"Labels":["a"]}"#, "Labels"), (#"{"HostConfig":[]}"#, "HostConfig"),
    ])
    func namesTheMemberThatIsWrong(_ text: String, _ name: String) throws {
        let error = #expect(throws: JSONError.self) { _ = try create(text) }
        #expect("\(try #require(error))".contains(name))
    }

    @Test func portsAreKeysInOrder() throws {
        let map: PortMap = [PortSpec(81, .udp): nil, PortSpec(443): [PortBinding(hostPort: "1")], PortSpec(80): []]
        let settings = NetworkSettings()
        #expect(settings.ports.isEmpty)
        let text = String(decoding: try JSON.encode(map), as: UTF8.self)
        #expect(text == #"{"443/tcp":[{"HostIp":"","HostPort":"1"}],"80/tcp":[],"81/udp":null}"#)
        #expect(try JSON.decode(PortMap.self, from: Array(text.utf8)) == map)
    }

    @Test(arguments: ["", "/tcp", "0", "80/", "80/xyz", "99999", "+80", " 80", "80/tcp/udp"])
    func refusesWhatIsNoPort(_ text: String) { #expect(PortSpec(text) == nil) }

    @Test func readsBothSpellingsOfFilters() throws {
        let new = try Filters(query: #"{"label":["a=b","c"],"status":["running"]}"#)
        let old = try Filters(query: #"{"label":{"a=b":true,"c":true,"no":false},"status":{"running":true}}"#)
        #expect(Set(new["label"]) == Set(old["label"]))
        #expect(new["status"] == ["running"])
        #expect(try Filters(query: old.query) == old)
        #expect(try Filters(query: "").isEmpty)
    }

    @Test(arguments: ["[", "[]", "1", #"{"a":1}"#, #"{"a":[1]}"#, #"{"a":{"b":1}}"#])
    func refusesBadFilters(_ text: String) {
        #expect(throws: EngineError.self) { _ = try Filters(query: text) }
    }

    @Test func framesAreReadAsTheyAreWritten() {
        let header = StreamFrame.header(.stderr, length: 0x0102_0304)
        #expect(header == [2, 0, 0, 0, 1, 2, 3, 4])
        #expect(StreamFrame.parse(header)?.stream == .stderr)
        #expect(StreamFrame.parse(header)?.length == 0x0102_0304)
        #expect(StreamFrame.parse([9, 0, 0, 0, 0, 0, 0, 0]) == nil)
    }

    @Test func versionsCompareAsNumbers() {
        #expect(APIVersion("1.9").map { $0 < APIVersion(1, 24) } == true)
        #expect(APIVersion("1.100").map { $0 > APIVersion(1, 51) } == true)
        for text in ["", "1", "1.", ".1", "1.x", "1.2.3", "-1.2", "1.999999"] { #expect(APIVersion(text) == nil) }
    }
}
