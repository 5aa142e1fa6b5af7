// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

@Suite struct ImageReferenceTests {
    @Test(arguments: [
        ("busybox", "docker.io/library/busybox:latest", "busybox:latest"),
        ("busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"),
        ("docker.io/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
        ("index.docker.io/library/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
        ("library/busybox", "docker.io/library/busybox:latest", "busybox:latest"),
        ("repo/name:v1", "docker.io/repo/name:v1", "repo/name:v1"),
        ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
        ("localhost:5055/team/bb:1", "localhost:5055/team/bb:1", "localhost:5055/team/bb:1"),
        ("[::1]:5000/x", "[::1]:5000/x:latest", "[::1]:5000/x:latest"),
        ("FOO/bar", "FOO/bar:latest", "FOO/bar:latest"),
        ("x/a__b.c-d---e/f_g", "docker.io/x/a__b.c-d---e/f_g:latest", "x/a__b.c-d---e/f_g:latest"),
        (
            "x:\(String(repeating: "t", count: 128))", "docker.io/library/x:\(String(repeating: "t", count: 128))",
            "x:\(String(repeating: "t", count: 128))"
        ),
        ("docker.io/library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"),
    ])
    func normalises(_ text: String, full: String, familiar: String) throws {
        let name = try ImageReference(text).tagged
        #expect(name.description == full)
        #expect(name.familiar == familiar)
        #expect(try ImageReference(full) == name, "a full name does not read as itself")
        #expect(try ImageReference(familiar) == name, "a familiar name does not lead back")
    }

    @Test func readsDigests() throws {
        let hex = String(repeating: "ab", count: 32)
        let name = try ImageReference("busybox:1@sha256:\(hex)")
        #expect(name.digest?.hex == hex)
        #expect(name.tagged.tag == "1")
        #expect(try ImageReference("busybox@sha256:\(hex)").tagged.tag == nil)
        #expect(name.untagged.description == "docker.io/library/busybox")
    }

    /// The texts are those of Docker's client and engine.
    @Test(arguments: [
        ("", "invalid reference format"),
        ("BAD", "invalid reference format: repository name (library/BAD) must be lowercase"),
        ("BAD NAME", "invalid reference format: repository name (library/BAD NAME) must be lowercase"),
        ("a/Bad:x", "invalid reference format: repository name (a/Bad) must be lowercase"),
        ("bad name", "invalid reference format"),
        ("-x", "invalid reference format"),
        ("a//b", "invalid reference format"),
        ("a___b", "invalid reference format"),
        ("x:", "invalid reference format"),
        ("x:.y", "invalid reference format"),
        ("x:\(String(repeating: "t", count: 129))", "invalid reference format"),
        ("x@sha256:abc", "invalid reference format"),
        ("x@sha256:\(String(repeating: "a", count: 63))", "invalid checksum digest length"),
        ("x@md5:\(String(repeating: "a", count: 32))", "unsupported digest algorithm"),
        ("http://x/y", "invalid reference format"),
        ("a.b:x/y", "invalid reference format"),
        (
            String(repeating: "a", count: 64),
            "invalid repository name (\(String(repeating: "a", count: 64))), cannot specify 64-byte hexadecimal strings"
        ),
        ("h.io/" + String(repeating: "a", count: 256), "repository name must not be more than 255 characters"),
    ])
    func refuses(_ text: String, message: String) {
        let error = #expect(throws: ReferenceError.self) { _ = try ImageReference(text) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        "\u{0}", "\u{7f}", "\u{1F600}", "a\nb", "a:b\u{0}", "é", ":", "@", "/", "a/", "/a", "a@", "[", "[]/x",
    ])
    func survivesNonsense(_ text: String) {
        #expect(throws: ReferenceError.self) { _ = try ImageReference(text) }
    }
}

@Suite struct DigestTests {
    @Test func readsAndShortens() throws {
        let hex = String(repeating: "0123456789abcdef", count: 4)
        let digest = try Digest("sha256:\(hex)")
        #expect(digest.hex == hex)
        #expect(digest.algorithm == "sha256")
        #expect(digest.short == "0123456789ab")
        #expect(Digest(sha256: [UInt8](repeating: 0xa5, count: 32)).hex == String(repeating: "a5", count: 32))
    }

    @Test(arguments: [
        "", "sha256", "sha256:", ":abc", "sha256:xyz", "sha256:../../../../etc/passwd",
        "sha256:" + String(repeating: "A", count: 64), "sha256:" + String(repeating: "a", count: 65),
        "sha1:" + String(repeating: "a", count: 40),
    ])
    func refuses(_ text: String) {
        #expect(throws: ReferenceError.self) { _ = try Digest(text) }
    }
}

@Suite struct PlatformTests {
    @Test func readsAndCompares() throws {
        let arm = try #require(Platform("linux/arm64/v8"))
        #expect(arm.runs(on: Platform(os: "linux", architecture: "aarch64")))
        #expect(!arm.runs(on: Platform(os: "linux", architecture: "amd64")))
        #expect(try #require(Platform("linux/x86_64")).runs(on: Platform(os: "linux", architecture: "amd64")))
        #expect(Platform("amd64")?.os == "linux")
        #expect(Platform("linux//") == nil)
        #expect(Platform("a/b/c/d") == nil)
    }
}
