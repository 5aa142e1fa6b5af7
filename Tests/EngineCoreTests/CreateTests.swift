// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import JSON
import Testing

@testable import EngineCore

private func message(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return (error as? EngineError)?.message ?? "\(error)" }
    return nil
}

@Suite struct ValidationTests {
    private func refusal(_ change: (inout ContainerConfig, inout HostConfig) -> Void) -> String? {
        var config = ContainerConfig()
        var host = HostConfig()
        change(&config, &host)
        return message { _ = try Validation.check(config, &host, on: .full, processors: 2) }
    }

    @Test func saysWhatDockerSays() {
        #expect(refusal { $1.memory = 1024 } == "Minimum memory limit allowed is 6MB")
        #expect(
            refusal { $1.nanoCpus = 1000 * 1_000_000_000 }
                == "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available")
        #expect(refusal { $1.capAdd = ["NOPE"] } == "invalid CapAdd: unknown capability: \"CAP_NOPE\"")
        #expect(refusal { $1.runtime = "nosuch" } == "unknown or invalid runtime name: nosuch")
        #expect(
            refusal { $1.logConfig.type = "nosuch" }
                == "error looking up logging plugin nosuch: plugin \"nosuch\" not found")
        #expect(refusal { $1.securityOpt = ["foo=bar"] } == "invalid --security-opt 2: \"foo=bar\"")
        #expect(refusal { config, _ in config.stopSignal = "NOPE" } == "invalid signal: NOPE")
        #expect(
            refusal { config, _ in config.workingDir = "relative" }
                == "the working directory 'relative' is invalid, it needs to be an absolute path")
        #expect(
            refusal {
                $1.memory = 64 << 20; $1.memorySwap = 32 << 20
            }
                == "Minimum memoryswap limit should be larger than memory limit, see usage")
    }

    /// What the kernel would cut off at the NUL is not what was asked for.
    @Test func refusesNUL() {
        #expect(refusal { config, _ in config.cmd = ["a\0b"] } == "invalid Cmd: a NUL character")
        #expect(refusal { config, _ in config.env = ["A=\0"] } == "invalid Env: a NUL character")
        #expect(refusal { config, _ in config.workingDir = "/a\0b" } == "invalid Config: a NUL character")
        #expect(
            refusal { config, _ in config.volumes = ["/a\0b": EmptyObject()] } == "invalid Volumes: a NUL character")
        #expect(refusal { $1.tmpfs = ["/a\0b": ""] } == "invalid Tmpfs: a NUL character")
        #expect(refusal { $1.tmpfs = ["/a": "size=1\0"] } == "invalid Tmpfs: a NUL character")
        #expect(refusal { $1.maskedPaths = ["/proc/\0"] } == "invalid MaskedPaths: a NUL character")
        #expect(refusal { $1.readonlyPaths = ["/proc/\0"] } == "invalid ReadonlyPaths: a NUL character")
    }

    /// An element with nothing set asks for something all the same.
    @Test func emptyElementsAreNoDefaults() throws {
        let host = try JSON.decode(HostConfig.self, from: Array(#"{"Devices":[{}]}"#.utf8))
        #expect(refusal { $1 = host } == nil)
        #expect(
            message { _ = try HostDevices.resolve(host) }
                == "error gathering device information while adding custom device \"\": no such file or directory")
    }

    @Test(arguments: ["0", "-1", "1001", "100000000", "99999999999999999999", "x", ""])
    func logsAreOfSoManyFiles(count: String) {
        #expect(
            refusal { $1.logConfig = LogConfig(type: "json-file", config: ["max-file": count]) }
                == "invalid value for 'max-file': \(count): a number from 1 to 1000")
    }

    /// What clients before API 1.40 mean is not what is missing here.
    @Test func sharableMemoryIsLetThrough() {
        #expect(refusal { $1.ipcMode = "shareable" } == nil)
        #expect(refusal { $1.ipcMode = "host" } == nil)
    }

    @Test(arguments: [(64 << 20, 128 << 20), (Int64.max, .max), (.max / 2 + 1, .max)] as [(Int64, Int64)])
    func swapIsTwiceTheMemory(memory: Int64, swap: Int64) {
        var host = HostConfig()
        host.memory = memory
        host.fillIn(unifiedCgroup: true)
        #expect(host.memorySwap == swap)
    }

    @Test func letsThroughWhatClientsSendAsDefaults() throws {
        // As docker 28 sends it for `docker run --rm busybox echo hi`.
        let text = """
            {"Hostname":"","User":"","AttachStdout":true,"AttachStderr":true,"Tty":false,"Env":null,"Cmd":["echo","hi"],\
            "Image":"busybox","Volumes":{},"Entrypoint":null,"OnBuild":null,"Labels":{},"HostConfig":{"Binds":null,\
            "ContainerIDFile":"","LogConfig":{"Type":"","Config":{}},"NetworkMode":"default","PortBindings":{},\
            "RestartPolicy":{"Name":"no","MaximumRetryCount":0},"AutoRemove":true,"ConsoleSize":[0,0],"CapAdd":null,\
            "CgroupnsMode":"","Dns":[],"DnsOptions":[],"DnsSearch":[],"ExtraHosts":null,"IpcMode":"","Links":null,\
            "BlkioWeightDevice":[],"Devices":[],"MemorySwappiness":-1,"OomKillDisable":false,"PidsLimit":0,"Ulimits":[],\
            "MaskedPaths":null,"ReadonlyPaths":null},"NetworkingConfig":{"EndpointsConfig":{"default":{}}}}
            """
        let request = try JSON.decode(ContainerCreateRequest.self, from: Array(text.utf8))
        var host = request.hostConfig
        #expect(try Validation.check(request.config, &host, on: .full, processors: 2) == [])
    }

    @Test func refusesByNameWhatItCanNotDo() {
        #expect(refusal { $1.storageOpt = ["size": "1G"] }?.contains("StorageOpt (--storage-opt") == true)
        #expect(refusal { $1.isolation = "process" }?.contains("HostConfig.Isolation \"process\"") == true)
        #expect(refusal { $1.isolation = "default" } == nil)
        #expect(refusal { $1.links = ["a:b"] }?.contains("--link") == true)
        #expect(refusal { $1.cpuCount = 1 }?.contains("Windows") == true)
        #expect(refusal { config, _ in config.healthcheck = HealthConfig(test: ["NONE"]) } == nil)
    }

    @Test func everyMemberOfTheWireTypesHasARule() throws {
        #expect(Set(Refusals.hostConfig.keys) == Set(HostConfig.CodingKeys.allCases.map(\.rawValue)))
        #expect(Set(Refusals.config.keys) == Set(ContainerConfig.CodingKeys.allCases.map(\.rawValue)))
    }
}

@Suite struct ConfigMergeTests {
    private func merged(_ change: (inout ContainerConfig) -> Void) throws -> ContainerConfig {
        var image = ContainerConfig()
        image.entrypoint = ["/entry"]
        image.cmd = ["default"]
        image.env = ["PATH=/bin", "A=image"]
        image.labels = ["from": "image", "both": "image"]
        image.user = "www"
        image.workingDir = "/srv"
        image.stopSignal = "SIGINT"
        var config = ContainerConfig()
        change(&config)
        try config.merge(image: image)
        return config
    }

    @Test func takesFromTheImageWhatIsLeftOut() throws {
        let config = try merged { _ in }
        #expect(config.commandLine == ["/entry", "default"])
        #expect(config.user == "www")
        #expect(config.workingDir == "/srv")
        #expect(config.stopSignal == "SIGINT")
    }

    @Test func aCommandKeepsTheEntrypointAndAnEntrypointDropsTheCommand() throws {
        #expect(try merged { $0.cmd = ["x"] }.commandLine == ["/entry", "x"])
        #expect(try merged { $0.entrypoint = ["/mine"] }.commandLine == ["/mine"])
        #expect(
            try merged {
                $0.entrypoint = [""]; $0.cmd = ["x"]
            }.commandLine == ["x"])
        #expect(message { _ = try merged { $0.entrypoint = [""] } } == "no command specified")
    }

    @Test func ownVariablesAndLabelsWin() throws {
        let config = try merged {
            $0.env = ["A=own", "B=1"]
            $0.labels = ["both": "own"]
        }
        #expect(config.env == ["A=own", "B=1", "PATH=/bin"])
        #expect(config.labels == ["from": "image", "both": "own"])
    }
}

@Suite struct BindTests {
    @Test func readsWhatUsersWrite() throws {
        let bind = try BindSpecification(parsing: "/src:/dst:ro,rslave")
        #expect(bind.source == .path("/src") && bind.destination == "/dst" && bind.mode.readOnly)
        #expect(bind.mode.propagation == "rslave")
        #expect(try BindSpecification(parsing: "data:/var/lib/").destination == "/var/lib")
        #expect(try BindSpecification(parsing: "data:/d:nocopy").mode.noCopy)
        #expect(try BindSpecification(parsing: "/a:/b:Z,cached,ro").mode.readOnly)
        #expect(try BindSpecification(parsing: "/only").source == .anonymous)
        #expect(try BindSpecification(parsing: "/a/../b:/c").source == .path("/b"))
    }

    @Test(arguments: [
        "", ":", "a:b", "/a:/b:c:d", "/a:/", "/a:/b:bad", "/a:/b:ro,rw", "v:/b:rslave", "b@d:/x", "/a:",
        "/a:/b:z,Z", "/a:/b:nocopy", "/a:ro", "/a:/b:private,shared",
    ])
    func refuses(_ text: String) {
        #expect(throws: EngineError.self) { try BindSpecification(parsing: text) }
    }
}

@Suite struct LogDriverTests {
    private func driver(_ options: [String: String], _ type: String = "json-file") throws -> LogDriver {
        try LogDriver(LogConfig(type: type, config: options))
    }

    @Test(arguments: [
        ("20m", 20_000_000), ("1k", 1000), ("5", 5), ("2GB", 2_000_000_000), ("1t", 1_000_000_000_000),
    ])
    func countsInThousands(_ text: String, _ bytes: Int64) throws {
        #expect(try driver(["max-size": text]).maximumSize == bytes)
    }

    @Test(arguments: ["", "m", "-2", "0", "1x", "99999999999t"])
    func refusesWhatIsNoSize(_ text: String) {
        #expect(throws: EngineError.self) { try driver(["max-size": text]) }
    }

    @Test(arguments: [
        (["max-file": "0"], "invalid value for 'max-file': 0: a number from 1 to 1000"),
        (["max-sise": "1"], "unknown log opt 'max-sise' for json-file log driver"),
        (
            ["compress": "perhaps"],
            "invalid boolean value for compress: strconv.ParseBool: parsing \"perhaps\": invalid syntax"
        ),
        (
            ["compress": "true", "max-file": "1"],
            "compress cannot be true when max-file is less than 2 or max-size is not set"
        ),
        (
            ["compress": "true", "max-size": "-1"],
            "compress cannot be true when max-file is less than 2 or max-size is not set"
        ),
        (["mode": "fast"], "logger: logging mode not supported: fast"),
        (["max-buffer-size": "1m"], "logger: max-buffer-size option is only supported with 'mode=non-blocking'"),
        (["mode": "non-blocking", "max-buffer-size": "x"], "error parsing option max-buffer-size: invalid size: 'x'"),
    ])
    func refuses(_ options: [String: String], _ message: String) {
        #expect { try driver(options) } throws: { ($0 as? EngineError)?.message == message }
    }

    @Test func knowsItsKinds() throws {
        #expect(try driver([:]).maximumFiles == 5)
        #expect(try !driver([:]).compresses)
        #expect(try driver([:], "local").compresses)
        #expect(
            try driver(["mode": "non-blocking", "max-buffer-size": "4m", "tag": "{{.Name}}"], "local").kind == .local)
        #expect(throws: EngineError.self) { try driver(["max-file": "1"], "local") }
        #expect(try driver(["max-file": "1", "compress": "false"], "local").maximumFiles == 1)
        #expect(try driver(["anything": "goes"], "none").kind == .none)
        #expect(throws: EngineError.self) { try driver([:], "nosuch") }
        #expect(throws: EngineError.self) { try driver([:], "syslog") }
    }

    @Test func whatIsNotSaidIsTheDaemons() throws {
        let daemons = LogConfig(type: "json-file", config: ["max-file": "2", "max-size": "1m"])
        var own = LogConfig(type: "", config: ["max-size": "5k"])
        own.fillIn(daemons)
        #expect(own == LogConfig(type: "json-file", config: ["max-file": "2", "max-size": "5k"]))
        var other = LogConfig(type: "local", config: nil)
        other.fillIn(daemons)
        #expect(other == LogConfig(type: "local", config: [:]), "options are those of one driver")
    }
}
