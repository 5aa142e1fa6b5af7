// SPDX-License-Identifier: Apache-2.0

extension NetlinkSocket {
    /// The number of nftables' last transaction: it changes whenever anyone changes a rule or an element.
    package func packetFilterGeneration() throws(Errno) -> UInt32 {
        // Subsystem 10 is nftables, 16 is NFT_MSG_GETGEN; then struct nfgenmsg.
        var message = NetlinkMessage(10 << 8 | 16, flags: 0, call: "NFT_MSG_GETGEN")
        message.append([0, 0, 0, 0])
        guard let reply = try ask(message, dump: false).first, reply.payload.count >= 4 else { throw .malformed }
        guard let value = try NetlinkAttributes(reply.payload[4...]).bytes(1), value.count == 4 else {
            throw .malformed
        }
        return value.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Deletes a table of the family `inet` with all that is in it; one that is not there is no error.
    package func deleteTable(_ name: String) throws(Errno) {
        // Subsystem 10 is nftables, 2 is NFT_MSG_DELTABLE; then struct nfgenmsg (1: NFPROTO_INET), and the name.
        var message = NetlinkMessage(10 << 8 | 2, flags: Netlink.acknowledge, call: "NFT_MSG_DELTABLE", object: name)
        message.append([1, 0, 0, 0])
        message.attribute(1, string: name)
        do throws(Errno) { try performTransaction(message) } catch {
            guard error.code == .noEntry else { throw error }
        }
    }

    /// nftables takes changes between two messages of their own, NFNL_MSG_BATCH_BEGIN and _END, for subsystem 10.
    private func performTransaction(_ message: NetlinkMessage) throws(Errno) {
        var begin = NetlinkMessage(0x10, flags: 0, call: "NFNL_MSG_BATCH_BEGIN")
        begin.append([0, 0, 0, 10])
        var end = NetlinkMessage(0x11, flags: 0, call: "NFNL_MSG_BATCH_END")
        end.append([0, 0, 0, 10])
        try perform(message, between: begin, and: end)
    }
}
