// SPDX-License-Identifier: Apache-2.0

internal import GoTemplate
internal import JSON

/// The types that docker 28 reads an engine's answers into, as its own `{{json .}}` and `{{.}}` show them: a template's
/// output has their order and their members, whatever the engine sent. How they are written: `GoType`.
enum ObjectTypes {
    /// The type of an object of that kind; nil for one whose objects are printed as they came.
    static func type(of kind: String) -> GoType? {
        let text: String
        switch kind {
        case "container": text = container
        case "image": text = image
        case "network": text = network
        case "volume": text = volume
        case "event": text = event
        default: return nil
        }
        return (try? JSON.parse(Array(text.utf8))).map { GoType($0, name: kind == "event" ? "*events.Message" : nil) }
    }

    private static let container = #"""
        {"Id":"","Created":"","Path":"","Args":[""],"State*":{"Status":"","Running":false,"Paused":false,
        "Restarting":false,"OOMKilled":false,"Dead":false,"Pid":0,"ExitCode":0,"Error":"","StartedAt":"",
        "FinishedAt":"","Health?*":{"Status":"","FailingStreak":0,"Log":[{"Start":"time","End":"time","ExitCode":0,
        "Output":""}]}},"Image":"","ResolvConfPath":"","HostnamePath":"","HostsPath":"","LogPath":"","Name":"",
        "RestartCount":0,"Driver":"","Platform":"","MountLabel":"","ProcessLabel":"","AppArmorProfile":"",
        "ExecIDs":[""],"HostConfig*":{"Binds":[""],"ContainerIDFile":"","LogConfig":{"Type":"","Config":{"":""}},
        "NetworkMode":"","PortBindings":{"":[{"HostIp":"","HostPort":""}]},"RestartPolicy":{"Name":"",
        "MaximumRetryCount":0},"AutoRemove":false,"VolumeDriver":"","VolumesFrom":[""],"ConsoleSize":[0],
        "Annotations?":{"":""},"CapAdd":[""],"CapDrop":[""],"CgroupnsMode":"","Dns":[""],"DnsOptions":[""],
        "DnsSearch":[""],"ExtraHosts":[""],"GroupAdd":[""],"IpcMode":"","Cgroup":"","Links":[""],"OomScoreAdj":0,
        "PidMode":"","Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":[""],
        "StorageOpt?":{"":""},"Tmpfs?":{"":""},"UTSMode":"","UsernsMode":"","ShmSize":0,"Sysctls?":{"":""},
        "Runtime?":"","Isolation":"","CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,
        "BlkioWeightDevice":[{"Path":"","Weight":0}],"BlkioDeviceReadBps":[{"Path":"","Rate":0}],
        "BlkioDeviceWriteBps":[{"Path":"","Rate":0}],"BlkioDeviceReadIOps":[{"Path":"","Rate":0}],
        "BlkioDeviceWriteIOps":[{"Path":"","Rate":0}],"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,
        "CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","Devices":[{"PathOnHost":"","PathInContainer":"",
        "CgroupPermissions":""}],"DeviceCgroupRules":[""],"DeviceRequests":[{"Driver":"","Count":0,"DeviceIDs":[""],
        "Capabilities":[[""]],"Options":{"":""}}],"KernelMemoryTCP?":0,"MemoryReservation":0,"MemorySwap":0,
        "MemorySwappiness":null,"OomKillDisable":null,"PidsLimit":null,"Ulimits":[{"Name":"","Hard":0,"Soft":0}],
        "CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0,"Mounts?":[{"Type?":"","Source?":"",
        "Target?":"","ReadOnly?":false,"Consistency?":"","BindOptions?*":{"Propagation?":"","NonRecursive?":false,
        "CreateMountpoint?":false,"ReadOnlyNonRecursive?":false,"ReadOnlyForceRecursive?":false},
        "VolumeOptions?*":{"NoCopy?":false,"Labels?":{"":""},"Subpath?":"","DriverConfig?*":{"Name?":"",
        "Options?":{"":""}}},"ImageOptions?*":{"Subpath?":""},"TmpfsOptions?*":{"SizeBytes?":0,"Mode?":0,
        "Options?":[[""]]}}],"MaskedPaths":[""],"ReadonlyPaths":[""],"Init?":null},"GraphDriver":{"Data":{"":""},
        "Name":""},"SizeRw?":null,"SizeRootFs?":null,"Mounts":[{"Type?":"","Name?":"","Source":"","Destination":"",
        "Driver?":"","Mode":"","RW":false,"Propagation":""}],"Config*":{"Hostname":"","Domainname":"","User":"",
        "AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"ExposedPorts?":{"":{}},"Tty":false,
        "OpenStdin":false,"StdinOnce":false,"Env":[""],"Cmd":[""],"Healthcheck?*":{"Test?":[""],"Interval?":0,
        "Timeout?":0,"StartPeriod?":0,"StartInterval?":0,"Retries?":0},"ArgsEscaped?":false,"Image":"",
        "Volumes":{"":{}},"WorkingDir":"","Entrypoint":[""],"NetworkDisabled?":false,"MacAddress?":"",
        "OnBuild":[""],"Labels":{"":""},"StopSignal?":"","StopTimeout?":null,"Shell?":[""]},
        "NetworkSettings*":{"Bridge":"","SandboxID":"","SandboxKey":"","Ports":{"":[{"HostIp":"","HostPort":""}]},
        "HairpinMode":false,"LinkLocalIPv6Address":"","LinkLocalIPv6PrefixLen":0,"SecondaryIPAddresses":[{"Addr":"",
        "PrefixLen":0}],"SecondaryIPv6Addresses":[{"Addr":"","PrefixLen":0}],"EndpointID":"","Gateway":"",
        "GlobalIPv6Address":"","GlobalIPv6PrefixLen":0,"IPAddress":"","IPPrefixLen":0,"IPv6Gateway":"",
        "MacAddress":"","Networks":{"":{"IPAMConfig*":{"IPv4Address?":"","IPv6Address?":"","LinkLocalIPs?":[""]},
        "Links":[""],"Aliases":[""],"MacAddress":"","DriverOpts":{"":""},"GwPriority":0,"NetworkID":"",
        "EndpointID":"","Gateway":"","IPAddress":"","IPPrefixLen":0,"IPv6Gateway":"","GlobalIPv6Address":"",
        "GlobalIPv6PrefixLen":0,"DNSNames":[""]}}},"ImageManifestDescriptor?*":{"mediaType":"","digest":"","size":0,
        "urls?":[""],"annotations?":{"":""},"data?":"","platform?*":{"architecture":"","os":"","os.version?":"",
        "os.features?":[""],"variant?":""},"artifactType?":""}}
        """#

    private static let image = #"""
        {"Id":"","RepoTags":[""],"RepoDigests":[""],"Parent":"","Comment":"","Created?":"","DockerVersion":"",
        "Author":"","Config*":{"User?":"","ExposedPorts?":{"":{}},"Env?":[""],"Entrypoint?":[""],"Cmd?":[""],
        "Volumes?":{"":{}},"WorkingDir?":"","Labels?":{"":""},"StopSignal?":"","ArgsEscaped?":false,
        "Healthcheck?*":{"Test?":[""],"Interval?":0,"Timeout?":0,"StartPeriod?":0,"StartInterval?":0,"Retries?":0},
        "OnBuild?":[""],"Shell?":[""]},"Architecture":"","Variant?":"","Os":"","OsVersion?":"","Size":0,
        "GraphDriver":{"Data":{"":""},"Name":""},"RootFS":{"Type?":"","Layers?":[""]},
        "Metadata":{"LastTagTime":"time"},"Descriptor?*":{"mediaType":"","digest":"","size":0,"urls?":[""],
        "annotations?":{"":""},"data?":"","platform?*":{"architecture":"","os":"","os.version?":"",
        "os.features?":[""],"variant?":""},"artifactType?":""},"Manifests?":[{"ID":"","Descriptor":{"mediaType":"",
        "digest":"","size":0,"urls?":[""],"annotations?":{"":""},"data?":"","platform?*":{"architecture":"","os":"",
        "os.version?":"","os.features?":[""],"variant?":""},"artifactType?":""},"Available":false,
        "Size":{"Content":0,"Total":0},"Kind":"","ImageData?*":{"Platform":{"architecture":"","os":"",
        "os.version?":"","os.features?":[""],"variant?":""},"Size":{"Unpacked":0},"Containers":[""]},
        "AttestationData?*":{"For":""}}]}
        """#

    private static let network = #"""
        {"Name":"","Id":"","Created":"time","Scope":"","Driver":"","EnableIPv4":false,"EnableIPv6":false,
        "IPAM":{"Driver":"","Options":{"":""},"Config":[{"Subnet?":"","IPRange?":"","Gateway?":"",
        "AuxiliaryAddresses?":{"":""}}]},"Internal":false,"Attachable":false,"Ingress":false,
        "ConfigFrom":{"Network":""},"ConfigOnly":false,"Containers":{"":{"Name":"","EndpointID":"","MacAddress":"",
        "IPv4Address":"","IPv6Address":""}},"Options":{"":""},"Labels":{"":""},"Peers?":[{"Name":"","IP":""}]}
        """#

    private static let volume = #"""
        {"CreatedAt?":"","Driver":"","Labels":{"":""},"Mountpoint":"","Name":"","Options":{"":""},"Scope":"",
        "Status?":{"":{}},"UsageData?*":{"RefCount":0,"Size":0}}
        """#

    private static let event = #"""
        {"status?":"","id?":"","from?":"","Type":"","Action":"","Actor":{"ID":"","Attributes":{"":""}},"scope?":"",
        "time?":0,"timeNano?":0}
        """#
}
