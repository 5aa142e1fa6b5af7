// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import EngineAPI

/// Reads `--mount` into what the engine is sent.
enum MountSpec {
    static func parse(_ text: String) throws -> MountRequest {
        let flag = try MountFlag(text)
        var mount = MountRequest(type: flag.type, target: flag["target"])
        if let source = flag["source"], !source.isEmpty {
            mount.source = flag.type == "bind" && source.hasPrefix(".") ? VolumeSpec.absolute(source) : source
        }
        if isOn(flag["readonly"]) { mount.readOnly = true }
        mount.consistency = flag["consistency"]
        mount.bindOptions = bind(flag)
        mount.volumeOptions = volume(flag)
        if let path = flag["image-subpath"] { mount.imageOptions = ImageOptions(subpath: path) }
        if flag["tmpfs-size"] != nil || flag["tmpfs-mode"] != nil {
            mount.tmpfsOptions = TmpfsOptions(
                sizeBytes: try flag["tmpfs-size"].map(Units.bytes),
                mode: flag["tmpfs-mode"].flatMap { UInt32($0, radix: 8) })
        }
        return mount
    }

    private static func isOn(_ text: String?) -> Bool { text.flatMap(GoSyntax.bool) ?? false }

    private static func bind(_ flag: MountFlag) -> BindOptions? {
        guard flag.fields.contains(where: { $0.key.hasPrefix("bind-") }) else { return nil }
        var options = BindOptions()
        options.propagation = flag["bind-propagation"]
        if isOn(flag["bind-nonrecursive"]) { options.nonRecursive = true }
        switch flag["bind-recursive"] {
        case "disabled": options.nonRecursive = true
        case "writable": options.readOnlyNonRecursive = true
        case "readonly": options.readOnlyForceRecursive = true
        default: break
        }
        return options
    }

    private static func volume(_ flag: MountFlag) -> VolumeOptions? {
        guard flag.fields.contains(where: { $0.key.hasPrefix("volume-") }) else { return nil }
        var options = VolumeOptions()
        if isOn(flag["volume-nocopy"]) { options.noCopy = true }
        let labels = flag.list("volume-label")
        if !labels.isEmpty { options.labels = KeyValues.dictionary(labels) }
        options.subpath = flag["volume-subpath"]
        let driverOptions = flag.list("volume-opt")
        if flag["volume-driver"] != nil || !driverOptions.isEmpty {
            options.driverConfig = VolumeDriverConfig(
                name: flag["volume-driver"],
                options: driverOptions.isEmpty ? nil : KeyValues.dictionary(driverOptions))
        }
        return options
    }
}
