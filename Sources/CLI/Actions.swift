// SPDX-License-Identifier: Apache-2.0

/// What carries out each command of the table.
enum Actions {
    typealias Action = (Session) throws -> Int32

    static func action(for path: String) -> Action? {
        let parts = path.split(separator: " ", maxSplits: 1)
        let verb = String(parts.last ?? "")
        return switch parts.count == 2 ? String(parts[0]) : "" {
        case "container": container(verb)
        case "image": image(verb)
        case "volume": volume(verb)
        case "network": network(verb)
        case "system": system(verb)
        default: general(verb)
        }
    }

    private static func container(_ verb: String) -> Action? {
        switch verb {
        case "attach": ContainerAttach.run
        case "create": ContainerCreate.run
        case "diff": ContainerDiff.run
        case "exec": ContainerExec.run
        case "inspect": ContainerInspectCommand.run
        case "kill": ContainerKill.run
        case "logs": ContainerLogsCommand.run
        case "ls": ContainerList.run
        case "pause": ContainerPause.run
        case "port": ContainerPort.run
        case "prune": ContainerPrune.run
        case "rename": ContainerRename.run
        case "restart": ContainerRestart.run
        case "rm": ContainerRemove.run
        case "run": ContainerRun.run
        case "start": ContainerStart.run
        case "stats": ContainerStatsCommand.run
        case "stop": ContainerStop.run
        case "top": ContainerTop.run
        case "unpause": ContainerUnpause.run
        case "update": ContainerUpdate.run
        case "wait": ContainerWaitCommand.run
        default: nil
        }
    }

    private static func image(_ verb: String) -> Action? {
        switch verb {
        case "history": ImageHistory.run
        case "inspect": ImageInspectCommand.run
        case "load": ImageLoad.run
        case "ls": ImageList.run
        case "rm": ImageRemove.run
        case "tag": ImageTag.run
        default: nil
        }
    }

    private static func volume(_ verb: String) -> Action? {
        switch verb {
        case "create": VolumeCreate.run
        case "inspect": VolumeInspect.run
        case "ls": VolumeListCommand.run
        case "rm": VolumeRemove.run
        default: nil
        }
    }

    private static func network(_ verb: String) -> Action? {
        switch verb {
        case "inspect": NetworkInspectCommand.run
        case "ls": NetworkList.run
        default: nil
        }
    }

    private static func system(_ verb: String) -> Action? {
        switch verb {
        case "df": SystemDiskUsage.run
        case "events": SystemEvents.run
        case "info": SystemInfoCommand.run
        default: nil
        }
    }

    private static func general(_ verb: String) -> Action? {
        switch verb {
        case "inspect": InspectAny.run
        case "version": SystemVersionCommand.run
        default: nil
        }
    }
}
