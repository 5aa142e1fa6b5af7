// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Glibc
import JSON
import Testing

/// Bodies as docker 28.2 and Docker Engine 29 exchange them, one of each shape (Fixtures/bodies.jsonl), go through our
/// types and come out the same.
struct BodyReplayTests {
    struct Sample: CustomTestStringConvertible, Sendable {
        let type: String
        let transcript: Int64
        let body: JSONValue
        var testDescription: String { "\(type) of transcript \(transcript)" }
    }

    @Test(arguments: samples) func comesOutAsItWentIn(_ sample: Sample) throws {
        let type = try #require(Self.types[sample.type], "a body of unknown type \(sample.type)")
        let again = try type(sample.body)
        let differences = Self.differences(sample.body, again, path: sample.type)
        #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
    }

    @Test func thereAreSamplesOfEveryType() {
        #expect(Set(Self.types.keys) == Set(Self.samples.map(\.type)))
    }

    static let types: [String: @Sendable (JSONValue) throws -> JSONValue] = [
        "ContainerCreateRequest": again(ContainerCreateRequest.self),
        "ContainerCreateResponse": again(ContainerCreateResponse.self),
        "[ContainerSummary]": again([ContainerSummary].self), "ContainerInspect": again(ContainerInspect.self),
        "TopResponse": again(TopResponse.self), "WaitResponse": again(WaitResponse.self),
        "ExecCreateRequest": again(ExecCreateRequest.self), "ExecStartRequest": again(ExecStartRequest.self),
        "ExecInspect": again(ExecInspect.self), "IDResponse": again(IDResponse.self),
        "[ImageSummary]": again([ImageSummary].self), "ImageInspect": again(ImageInspect.self),
        "[ImageHistoryItem]": again([ImageHistoryItem].self), "[ImageDeleteItem]": again([ImageDeleteItem].self),
        "ProgressMessage": again(ProgressMessage.self), "VolumeList": again(VolumeList.self),
        "Volume": again(Volume.self), "VolumeCreateRequest": again(VolumeCreateRequest.self),
        "[NetworkInspect]": again([NetworkInspect].self), "NetworkInspect": again(NetworkInspect.self),
        "SystemVersion": again(SystemVersion.self), "SystemInfo": again(SystemInfo.self),
        "EventMessage": again(EventMessage.self), "DiskUsage": again(DiskUsage.self),
        "ErrorResponse": again(ErrorResponse.self),
    ]

    private static func again<T: Codable & SendableMetatype>(
        _ type: T.Type
    ) -> @Sendable (JSONValue) throws -> JSONValue {
        { value in try JSON.value(JSON.decode(type, from: value)) }
    }

    /// What Docker's own types leave out when it is empty, whichever way it was written.
    private static let omitted: Set<String> = [
        "ContainerCreateRequest.OnBuild", "ContainerCreateRequest.HostConfig.Mounts", "EndpointSettings.MacAddress",
    ]

    private static func differences(_ a: JSONValue, _ b: JSONValue?, path: String) -> [String] {
        switch (a, b) {
        case (.object(let a), .object(let b)):
            var result: [String] = []
            for (key, value) in a.members {
                let here = "\(path).\(key)"
                if b[key] == nil {
                    if !omitted.contains(here) { result.append("\(here) is lost") }
                } else {
                    result += differences(value, b[key], path: here)
                }
            }
            for (key, value) in b.members where a[key] == nil {
                // Lists of containers leave out an endpoint's MacAddress-like strings when they are empty requests.
                if isEmpty(value), optional.contains(key) { continue }
                result.append("\(path).\(key) is new: \(value)")
            }
            return result
        case (.array(let a), .array(let b)):
            if a.count != b.count { return ["\(path) has \(b.count) elements, not \(a.count)"] }
            return zip(a, b).enumerated().flatMap { index, pair in
                differences(pair.0, pair.1, path: "\(path)[\(index)]")
            }
        default:
            return a == b ? [] : ["\(path) is \(b.map { "\($0)" } ?? "lost"), not \(a)"]
        }
    }

    /// Members that a client may leave out of a request and that we write as empty.
    private static let optional: Set<String> = []

    private static func isEmpty(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .string(""), .bool(false), .integer(0): true
        case .array(let elements): elements.isEmpty
        case .object(let members): members.members.isEmpty
        default: false
        }
    }

    static let samples: [Sample] = {
        let directory = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        guard let file = fopen("/\(directory)/Fixtures/bodies.jsonl", "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
        return bytes.split(separator: 10).compactMap { line in
            guard case .object(let object)? = try? JSON.parse(Array(line)), case .string(let type)? = object["type"],
                case .integer(let transcript)? = object["transcript"], let body = object["body"]
            else { return nil }
            return Sample(type: type, transcript: transcript, body: body)
        }
    }()
}
