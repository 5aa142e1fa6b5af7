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
}
