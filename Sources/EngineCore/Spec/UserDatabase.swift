// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// An image's /etc/passwd and /etc/group, parsed with limits: whoever made the image wrote them (rule R14).
///
/// A line that is malformed, too long or out of range is skipped, as if it were not there; it never wraps around to
/// somebody else's id.
struct UserDatabase: Sendable {
    static let maximumFile = 4 << 20
    static let maximumEntries = 65536
    static let maximumLine = 65536
    /// Ids above this are refused, as Docker does.
    static let maximumID: Int64 = 2_147_483_647

    struct User: Sendable, Equatable {
        var name: String
        var uid: UInt32
        var gid: UInt32
        var home: String
    }

    struct Group: Sendable, Equatable {
        var name: String
        var gid: UInt32
        var members: [String]
    }

    var users: [User] = []
    var groups: [Group] = []

    init(passwd: [UInt8], group: [UInt8]) {
        for line in Self.lines(passwd) {
            let fields = Self.fields(line)
            guard fields.count >= 4, let uid = Self.id(fields[2]), let gid = Self.id(fields[3]) else { continue }
            users.append(User(name: fields[0], uid: uid, gid: gid, home: fields.count > 5 ? fields[5] : ""))
        }
        for line in Self.lines(group) {
            let fields = Self.fields(line)
            guard fields.count >= 3, let gid = Self.id(fields[2]) else { continue }
            let members = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
            groups.append(Group(name: fields[0], gid: gid, members: members))
        }
    }

    private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        Array(
            bytes.split(separator: UInt8(ascii: "\n")).lazy.filter {
                $0.count <= maximumLine && $0.first != UInt8(ascii: "#")
            }
            .prefix(maximumEntries))
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
        line.split(separator: UInt8(ascii: ":"), maxSplits: 6, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// A decimal number without sign or blanks, at most `maximumID`.
    private static func id(_ text: String) -> UInt32? {
        guard !text.isEmpty, text.utf8.count <= 10, text.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int64(text), number <= maximumID
        else { return nil }
        return UInt32(number)
    }
}

/// Who a process runs as: what init and exec alike are given (rule R13).
struct ResolvedUser: Sendable, Equatable {
    var uid: UInt32
    var gid: UInt32
    /// The primary group first, then those the user is a member of.
    var additionalGids: [UInt32]
    var home: String
}

extension UserDatabase {
    /// Resolves `user`, `user:group`, `uid`, `uid:gid` and mixtures; empty means root.
    ///
    /// A named group given explicitly replaces the user's own groups. `extraGroups` are those of `--group-add`.
    func resolve(_ specification: String, extraGroups: [String] = []) throws(EngineError) -> ResolvedUser {
        let parts = specification.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let userPart = parts.first ?? ""
        let groupPart = parts.count > 1 ? parts[1] : ""
        let user = try find(user: userPart)
        var result = ResolvedUser(uid: user.uid, gid: user.gid, additionalGids: [], home: user.home)
        var members: [UInt32] = []
        if groupPart.isEmpty {
            if !user.name.isEmpty { members = groups.filter { $0.members.contains(user.name) }.map(\.gid) }
        } else {
            result.gid = try find(group: groupPart)
        }
        for name in extraGroups { members.append(try find(group: name)) }
        result.additionalGids = [result.gid]
        for gid in members where !result.additionalGids.contains(gid) { result.additionalGids.append(gid) }
        return result
    }

    private func find(user text: String) throws(EngineError) -> User {
        let number = text.isEmpty ? 0 : Int64(text)
        let found = users.first { user in
            (!text.isEmpty && user.name == text) || (number.map { Int64(user.uid) == $0 } ?? false)
        }
        if let found { return found.home.isEmpty ? withHome(found) : found }
        guard let number else {
            throw EngineError(.system, "unable to find user \(text): no matching entries in passwd file")
        }
        return User(name: "", uid: try inRange(number), gid: 0, home: "/")
    }

    private func withHome(_ user: User) -> User {
        var user = user
        user.home = "/"
        return user
    }

    private func find(group text: String) throws(EngineError) -> UInt32 {
        let number = Int64(text)
        let found = groups.first { group in
            group.name == text || (number.map { Int64(group.gid) == $0 } ?? false)
        }
        if let found { return found.gid }
        guard let number else {
            throw EngineError(.system, "unable to find group \(text): no matching entries in group file")
        }
        return try inRange(number)
    }

    private func inRange(_ number: Int64) throws(EngineError) -> UInt32 {
        guard (0...Self.maximumID).contains(number) else {
            throw EngineError(.system, "uids and gids must be in range 0-\(Self.maximumID)")
        }
        return UInt32(number)
    }
}
