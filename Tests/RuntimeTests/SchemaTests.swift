// SPDX-License-Identifier: Apache-2.0

import JSON
import OCI
import Testing

/// What wharf-runtime prints is what the specification's schemas describe.
@Suite(.serialized) struct SchemaTests {
    private func problems(_ text: String, _ schema: String) throws -> [String] {
        try JSONSchema(schema).problems(JSON.parse(Array(text.utf8)))
    }

    /// The validator finds what is wrong at all.
    @Test func aSchemaRefuses() throws {
        let state = try JSONSchema("state-schema.json")
        #expect(
            state.problems(["ociVersion": "1.0.0", "id": "x", "status": "running", "bundle": "/x", "pid": 7]) == [])
        let bad = state.problems(["ociVersion": "1.0.0", "id": 7, "status": "paused", "pid": -1])
        #expect(bad.contains { $0.hasPrefix("id: ") } && bad.contains { $0.hasPrefix("status: ") }, "\(bad)")
        #expect(bad.contains { $0.hasPrefix("pid: ") } && bad.contains(": bundle is missing"), "\(bad)")
        let config = try JSONSchema("config-schema.json")
        #expect(
            config.problems(["ociVersion": "1.0.0", "annotations": ["a": 1], "linux": ["namespaces": [[:]]]]).count == 2
        )
    }

    @Test func features() throws {
        let text = try shell("\(TestBundle.program) features").output
        #expect(try problems(text, "features-schema.json") == [])
        // Each list that the schema has is there.
        let missing = try JSONSchema("features-schema.json").members()
            .subtracting(Place.all(in: JSON.parse(Array(text.utf8))).map(\.pattern))
        #expect(missing.sorted() == Self.optionalFeatures)
    }

    /// What a runtime may say of itself beyond the specification's own; and a name that only config.json has as a map.
    private static let optionalFeatures = [
        "annotations", "annotations{}", "linux.netDevices.enabled", "potentiallyUnsafeConfigAnnotations",
        "potentiallyUnsafeConfigAnnotations[]",
    ]

    @Test(arguments: ["", "--rootless"])
    func spec(flag: String) throws {
        let bundle = try TestBundle("true")
        #expect(try bundle.runtime("spec -b \(bundle.path) \(flag)").status == 0)
        #expect(try problems(shell("cat \(bundle.path)/config.json").output, "config-schema.json") == [])
    }

    /// Of a container that is created, runs, is paused and has stopped; and what its hooks get.
    @Test func state() throws {
        let bundle = try TestBundle("sleep", "1000")
        bundle.spec.annotations = ["org.example.key": "value"]
        bundle.spec.hooks = .init()
        bundle.spec.hooks?.createRuntime = [
            .init(path: "/bin/sh", args: ["sh", "-c", "cat > \(bundle.path)/hook.json"], env: ["PATH=/bin:/usr/bin"])
        ]
        try bundle.writeConfiguration()
        func check(_ status: String) throws {
            let text = try bundle.runtime("state \(bundle.id)").output
            #expect(try problems(text, "state-schema.json") == [])
            #expect(try JSON.parse(Array(text.utf8))["status"]?.string == status)
            #expect(try JSON.parse(Array(text.utf8))["annotations"] == ["org.example.key": "value"])
        }
        #expect(try bundle.runtime("create -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>&1").status == 0)
        #expect(try problems(shell("cat \(bundle.path)/hook.json").output, "state-schema.json") == [])
        try check("created")
        #expect(try bundle.runtime("start \(bundle.id)").status == 0)
        try check("running")
        #expect(try bundle.runtime("kill \(bundle.id) KILL").status == 0)
        #expect(try eventually { try bundle.status() == "stopped" })
        try check("stopped")
    }
}
