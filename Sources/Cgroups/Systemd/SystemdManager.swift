// SPDX-License-Identifier: Apache-2.0

/// The little of systemd's manager that a container takes (org.freedesktop.systemd1(5)).
///
/// The story of one: `connect` → `startScope` … `setProperties` … `stop`; each waits until systemd has done it.
struct SystemdManager {
    typealias Property = (name: String, value: BusValue)

    private let bus: BusConnection

    private static let name = "org.freedesktop.systemd1"
    private static let interface = "org.freedesktop.systemd1.Manager"
    private static let path = "/org/freedesktop/systemd1"
    private static let noSuchUnit = "org.freedesktop.systemd1.NoSuchUnit"
    private static let unitExists = "org.freedesktop.systemd1.UnitExists"

    /// Throws unless systemd is the first process: sd_booted(3).
    static func probe() throws(CgroupError) {
        guard HostFile.exists("/run/systemd/system") else {
            throw CgroupError(
                "the systemd cgroup driver needs systemd, which does not run here (no /run/systemd/system)")
        }
    }

    init(_ bus: BusConnection) { self.bus = bus }

    /// By the system's bus, or where there is none (a host that has no D-Bus daemon, or not yet) by systemd's own
    /// socket, which says the same to root.
    static func connect() throws(CgroupError) -> SystemdManager {
        try probe()
        let system: BusConnection
        do throws(CgroupError) { system = try BusConnection("/run/dbus/system_bus_socket") } catch {
            guard let own = try? BusConnection("/run/systemd/private") else { throw error }
            return SystemdManager(own)
        }
        let manager = SystemdManager(system)
        let match = "type='signal',sender='\(name)',interface='\(interface)',member='JobRemoved'"
        for (member, body) in [("Hello", []), ("AddMatch", [BusValue.string(match)])] {
            _ = try manager.call(
                BusMessage(
                    call: member, of: "org.freedesktop.DBus", at: "/org/freedesktop/DBus",
                    destination: "org.freedesktop.DBus", body))
        }
        // BEFORE any job: without a subscriber systemd tells the bus nothing.
        _ = try manager.call("Subscribe", [])
        return manager
    }

    /// Starts a transient scope that has the process in it.
    func startScope(_ unit: String, properties: [Property]) throws(CgroupError) {
        let body: [BusValue] = [
            .string(unit), .string("fail"), SystemdManager.list(properties), .array(of: "(sa(sv))", []),
        ]
        var attempt = 0
        while true {
            do throws(BusConnection.Failure) {
                return try finish(try bus.call(message("StartTransientUnit", body)), "starting \(unit)")
            } catch {
                // One that failed stays until somebody has taken note of it.
                guard case .refused(SystemdManager.unitExists, _) = error, attempt == 0 else {
                    throw SystemdManager.explain(error, "starting \(unit)")
                }
                attempt += 1
                _ = try? bus.call(message("ResetFailedUnit", [.string(unit)]))
            }
        }
    }

    /// Changes limits of a unit until it stops or the machine restarts.
    func setProperties(_ unit: String, _ properties: [Property]) throws(CgroupError) {
        _ = try call("SetUnitProperties", [.string(unit), .boolean(true), SystemdManager.list(properties)])
    }

    /// Stops a unit and forgets how it ended. One that is gone, as a scope is whose last process has ended, is no
    /// error.
    func stop(_ unit: String) throws(CgroupError) {
        do throws(BusConnection.Failure) {
            try finish(try bus.call(message("StopUnit", [.string(unit), .string("replace")])), "stopping \(unit)")
        } catch {
            guard case .refused(SystemdManager.noSuchUnit, _) = error else {
                throw SystemdManager.explain(error, "stopping \(unit)")
            }
        }
        _ = try? bus.call(message("ResetFailedUnit", [.string(unit)]))
    }

    /// Waits for the job that an answer names.
    private func finish(_ answer: [BusValue], _ what: String) throws(BusConnection.Failure) {
        guard let job = answer.first?.text else { throw .broken(CgroupError("systemd, \(what): it named no job")) }
        do throws(CgroupError) {
            let signal = try bus.signal { message in
                message.member == "JobRemoved" && message.body.count == 4 && message.body[1].text == job
            }
            let result = signal.body[3].text ?? ""
            guard result == "done" else { throw CgroupError("systemd, \(what): the job ended with \"\(result)\"") }
        } catch {
            throw .broken(error)
        }
    }

    private func call(_ member: String, _ body: [BusValue]) throws(CgroupError) -> [BusValue] {
        try call(message(member, body))
    }

    private func call(_ message: BusMessage) throws(CgroupError) -> [BusValue] {
        do throws(BusConnection.Failure) { return try bus.call(message) } catch {
            throw SystemdManager.explain(error, message.member ?? "")
        }
    }

    private func message(_ member: String, _ body: [BusValue]) -> BusMessage {
        BusMessage(
            call: member, of: SystemdManager.interface, at: SystemdManager.path, destination: SystemdManager.name, body)
    }

    private static func list(_ properties: [Property]) -> BusValue {
        .array(of: "(sv)", properties.map { .structure([.string($0.name), .variant($0.value)]) })
    }

    private static func explain(_ error: BusConnection.Failure, _ what: String) -> CgroupError {
        switch error {
        case .refused(_, let message): CgroupError("systemd, \(what): \(message)")
        case .broken(let error): error
        }
    }
}
