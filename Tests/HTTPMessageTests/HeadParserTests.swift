// SPDX-License-Identifier: Apache-2.0

import HTTPMessage
import Testing

struct HeadParserTests {
    private func parse(_ text: String) throws -> HTTPRequestHead? {
        var parser = HeadParser()
        return try Array(text.utf8).withUnsafeBytes { try parser.request($0)?.head }
    }

    @Test func readsARequest() throws {
        let head = try #require(try parse("POST /a?b=c HTTP/1.1\r\nHost: h\r\nX-Y:  z \t\r\nx-y: w\r\nE:\r\n\r\nrest"))
        #expect(head.method == "POST")
        #expect(head.target == "/a?b=c")
        #expect(head.headers.all("x-Y") == ["z", "w"])
        #expect(head.headers["e"] == "")
        #expect(head.keepsAlive)
        #expect(head.upgrade == nil)
    }

    @Test func understandsConnection() throws {
        #expect(try parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n")?.keepsAlive == false)
        #expect(try parse("GET / HTTP/1.0\r\n\r\n")?.keepsAlive == false)
        #expect(try parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")?.keepsAlive == true)
        let upgrade = "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, upgrade\r\nUpgrade: tcp\r\n\r\n"
        #expect(try parse(upgrade)?.upgrade == "tcp")
    }

    @Test func waitsForTheWholeHead() throws {
        let text = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
        for count in 0..<text.utf8.count {
            #expect(try parse(String(decoding: text.utf8.prefix(count), as: UTF8.self)) == nil)
        }
    }

    /// A parser that sees the bytes in any pieces says what one that sees them at once says, and never reads beyond
    /// them.
    @Test func doesNotCareAboutPieces() throws {
        var random = SystemRandomNumberGenerator()
        for seed in corpus {
            for _ in 0..<40 {
                var bytes = seed
                for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0...2, using: &random) {
                    case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: index)
                    default: bytes.insert([13, 10, 32, 58, 0, 48].randomElement() ?? 0, at: index)
                    }
                }
                let once = outcome(bytes, pieces: [bytes.count])
                let cut = Int.random(in: 0...bytes.count, using: &random)
                #expect(outcome(bytes, pieces: [cut, bytes.count]) == once, "\(bytes)")
                let all = Array(0...bytes.count)
                #expect(outcome(bytes, pieces: all) == once, "\(bytes)")
            }
        }
    }

    private func outcome(_ bytes: [UInt8], pieces: [Int]) -> String {
        var parser = HeadParser()
        for end in pieces {
            let result = bytes[..<end].withUnsafeBytes { buffer -> String? in
                do throws(HTTPParseError) {
                    guard let (head, consumed) = try parser.request(buffer) else { return nil }
                    return "\(head) \(consumed) \(String(describing: try? head.framing()))"
                } catch { return "\(error.status)" }
            }
            if let result { return result }
        }
        return "more"
    }

    private let corpus: [[UInt8]] = [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\nmore",
        "POST /containers/create?name=x HTTP/1.1\r\nHost: api.moby.localhost\r\nContent-Length: 3\r\n\r\n{}\n",
        "POST /attach HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n\u{1}\u{0}",
        "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "é / HTTP/1.1\r\nHost: ü\r\n\r\n",
    ].map { Array($0.utf8) }
}

struct BodyDecoderTests {
    /// Decodes `bytes`, given in pieces that end where `ends` says; nil for malformed ones.
    private func decode(
        _ framing: HTTPFraming, _ bytes: [UInt8], ends: [Int]
    ) -> (body: [UInt8], rest: [UInt8], done: Bool)? {
        var decoder = BodyDecoder(framing)
        var body: [UInt8] = []
        var position = 0
        for end in ends {
            while true {
                let window = Array(bytes[position..<end])
                guard let step = try? window.withUnsafeBytes({ try decoder.step($0) }) else { return nil }
                switch step {
                case .data(let range, let consumed):
                    body += window[range]
                    position += consumed
                    continue
                case .end(let consumed): return (body, Array(bytes[(position + consumed)...]), true)
                case .more(let consumed): position += consumed
                }
                break
            }
        }
        return (body, Array(bytes[position...]), false)
    }

    @Test func readsChunksInAnyPieces() throws {
        let bytes = Array("5;x=y\r\nhello\r\nA\r\n, 10 bytes\r\n0\r\nTrailer: t\r\n\r\nNEXT".utf8)
        for ends in [
            [bytes.count], Array(0...bytes.count), Array(stride(from: 0, to: bytes.count, by: 3)) + [bytes.count],
        ] {
            let result = try #require(decode(.chunked, bytes, ends: ends))
            #expect(String(decoding: result.body, as: UTF8.self) == "hello, 10 bytes")
            #expect(String(decoding: result.rest, as: UTF8.self) == "NEXT")
            #expect(result.done)
        }
    }

    @Test(arguments: [
        "x\r\n", "\r\n", "5\nhello", "5\r\nhelloX\r\n", "5\r\nhello\n\n", "FFFFFFFFFFFFFFFFF\r\n", "-1\r\n", "0x5\r\n",
        " 5\r\n",
        String(repeating: "0", count: 20) + "\r\n", "1;" + String(repeating: "e", count: 2000) + "\r\n",
    ])
    func refusesBadChunks(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(decode(.chunked, bytes, ends: [bytes.count]) == nil)
        #expect(decode(.chunked, bytes, ends: Array(0...bytes.count)) == nil)
    }

    @Test func refusesEndlessTrailers() {
        let bytes = Array(("0\r\n" + String(repeating: "a: b\r\n", count: 3000)).utf8)
        #expect(decode(.chunked, bytes, ends: [bytes.count]) == nil)
    }

    @Test func countsALength() throws {
        let bytes = Array("12345rest".utf8)
        let result = try #require(decode(.length(5), bytes, ends: Array(0...bytes.count)))
        #expect(String(decoding: result.body, as: UTF8.self) == "12345")
        #expect(String(decoding: result.rest, as: UTF8.self) == "rest")
    }

    @Test func survivesNoise() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("0123456789abcdefF\r\n;: -".utf8)
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let once = decode(.chunked, bytes, ends: [bytes.count])
            let pieces = decode(.chunked, bytes, ends: Array(0...bytes.count))
            #expect(once?.body == pieces?.body)
            #expect(once?.done == pieces?.done)
        }
    }
}

struct URLEncodingTests {
    @Test func comesOutAsItWentIn() throws {
        for text in ["", "a b+c%d/é&=?#", "localhost:5055/team/bb:1", "\u{1F600}"] {
            #expect(URLEncoding.decode(URLEncoding.encode(text)) == text)
            #expect(URLEncoding.decode(URLEncoding.encode(text, isPath: true)) == text)
            let query = URLQuery([(name: text, value: text)])
            #expect(try #require(URLQuery(query.text.dropFirst())) == query)
        }
        #expect(URLEncoding.encode("a/b:c@d e", isPath: true) == "a/b:c@d%20e")
    }

    @Test(arguments: ["%", "%1", "%zz", "%ff"]) func refusesBadEncoding(_ text: String) {
        #expect(URLEncoding.decode(text) == nil)
        #expect(URLQuery(text) == nil)
    }

    @Test func aHeaderCannotBreakItsLine() {
        var bytes: [UInt8] = []
        let headers: HTTPHeaders = ["A": "b\r\nEvil: c"]
        headers.write(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "A: b  Evil: c\r\n")
    }
}
