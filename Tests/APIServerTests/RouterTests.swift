// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import HTTPMessage
import HTTPTransport
import JSON
import Testing

@testable import APIServer

struct RouterTests {
    private let router = Router(routes: APIServer.routes)

    private func parameters(_ method: String, _ path: String) -> [String: String]? {
        router.find(method: method, path: path[...])?.parameters
    }

    @Test func imageNamesHaveSlashes() {
        #expect(parameters("GET", "/images/a/json") == ["name": "a"])
        #expect(parameters("GET", "/images/localhost:5055/team/bb:1/json") == ["name": "localhost:5055/team/bb:1"])
        #expect(parameters("DELETE", "/images/repo/name:v1") == ["name": "repo/name:v1"])
        // An image that is called json.
        #expect(parameters("GET", "/images/json/json") == ["name": "json"])
        #expect(parameters("GET", "/images/json") == [:])
    }

    @Test func containersAreOnePartOfThePath() {
        #expect(parameters("POST", "/containers/x/start") == ["id": "x"])
        #expect(parameters("POST", "/containers/x/y/start") == nil)
        #expect(parameters("POST", "/containers/create") == [:])
        #expect(parameters("GET", "/containers//json").map { $0.isEmpty } == true)
    }

    @Test func methodsMatter() {
        #expect(parameters("PUT", "/containers/x/start") == nil)
        #expect(parameters("HEAD", "/_ping") == [:])
    }

    @Test func nothingOfDockersAPIIsSilentlyAbsent() {
        for endpoint in endpoints {
            let parts = endpoint.split(separator: " ")
            let path = parts[1].replacing("{id}", with: "x").replacing("{name}", with: "y")
            #expect(parameters(String(parts[0]), String(path)) != nil, "\(endpoint)")
        }
    }
}

struct CompatibilityTests {
    @Test(arguments: [
        ("/v1.24/info", "1.24", "/info"), ("/v1.51/containers/json", "1.51", "/containers/json"),
        ("/info", "1.51", "/info"), ("/v1/info", "1.51", "/v1/info"), ("/v1.x/info", "1.51", "/v1.x/info"),
    ])
    func takesTheVersionOff(_ path: String, _ version: String, _ rest: String) throws {
        let result = try Compatibility.version(ofPath: path)
        #expect("\(result.0)" == version)
        #expect(result.rest == rest)
    }

    @Test func refusesVersionsOutsideTheRangeAsDockerDoes() {
        let new = #expect(throws: EngineError.self) { _ = try Compatibility.version(ofPath: "/v1.99/info") }
        #expect(new?.message == "client version 1.99 is too new. Maximum supported API version is 1.51")
        #expect(new?.code == .invalidParameter)
        let old = #expect(throws: EngineError.self) { _ = try Compatibility.version(ofPath: "/v1.23/info") }
        #expect(
            old?.message
                == "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version"
        )
    }

    @Test func framesAreNamedSince142() {
        let frames = "application/vnd.docker.multiplexed-stream"
        let raw = "application/vnd.docker.raw-stream"
        #expect(Compatibility.streamType(APIVersion(1, 42), isTerminal: false) == frames)
        #expect(Compatibility.streamType(APIVersion(1, 41), isTerminal: false) == raw)
        #expect(Compatibility.streamType(APIVersion(1, 51), isTerminal: true) == raw)
    }

    @Test func oldClientsGetWhatTheyKnow() {
        var image = ImageSummary()
        image.size = 5
        image.descriptor = ImageDescriptor()
        let old = Compatibility.downgrade([image], to: APIVersion(1, 41))[0]
        #expect(old.virtualSize == 5)
        #expect(old.descriptor == nil)
        let new = Compatibility.downgrade([image], to: APIVersion(1, 51))[0]
        #expect(new.virtualSize == nil)
        #expect(new.descriptor != nil)
    }
}

struct ErrorTests {
    @Test(arguments: [
        (EngineError.Code.invalidParameter, 400), (.unauthorized, 401), (.forbidden, 403), (.notFound, 404),
        (.conflict, 409), (.tooLarge, 413), (.system, 500), (.notImplemented, 501), (.unavailable, 503),
        (.notModified, 304),
    ])
    func everyCodeHasItsStatus(_ code: EngineError.Code, _ status: Int) {
        #expect(Errors.status(code) == status)
    }

    @Test func tellsTheMessageInJSON() {
        let reply = Errors.reply(.init(status: 404, message: "No such container: \"x\""))
        guard case .bytes(let bytes) = reply.body else {
            Issue.record("no body")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "{\"message\":\"No such container: \\\"x\\\"\"}\n")
        #expect(reply.headers["Content-Type"] == "application/json")
        #expect(reply.headers["Api-Version"] == "1.51")
    }

    @Test func notModifiedHasNoBody() {
        guard case .none = Errors.reply(.init(status: 304, message: "running")).body else {
            Issue.record("a body")
            return
        }
    }

    @Test func readsUnixTimes() {
        #expect(UnixTime.parse("5")?.nanoseconds == 5_000_000_000)
        #expect(UnixTime.parse("5.5")?.nanoseconds == 5_500_000_000)
        #expect(UnixTime.parse("1700000000.000000001")?.nanoseconds == 1_700_000_000_000_000_001)
        for text in ["", "x", "5.", "5.x", ".5", "5.1234567890", "2026-01-01"] { #expect(UnixTime.parse(text) == nil) }
    }
}
