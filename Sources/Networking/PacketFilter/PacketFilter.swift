// SPDX-License-Identifier: Apache-2.0

internal import CNFTables
internal import EngineAPI
internal import Linux
internal import Synchronization

/// The kernel's packet filter, kept as a `Ruleset` says. All of its calls block.
///
/// Whoever else changes the filter (`nft flush ruleset` of a firewall's reload) is noticed by the kernel's generation
/// number, and what was lost is put back by the next call.
final class PacketFilter: Sendable {
    private let state: Mutex<State>

    private struct State: ~Copyable {
        let context: Context
        /// Kept open: closing one of netfilter's waits for the kernel to be done with what was deleted, 10 ms.
        let socket: NetlinkSocket
        var wanted: Ruleset
        /// The kernel's generation after our last transaction; nil: not known to be as wanted.
        var generation: UInt32?
    }

    /// Nothing is changed before `replace` or `ensure`. Belongs to the calling thread's network namespace.
    init() throws(EngineError) {
        let socket: NetlinkSocket
        do throws(Errno) { socket = try NetlinkSocket.netfilter() } catch {
            throw EngineError(.system, "the packet filter (nftables) can't be reached: \(error)", cause: error)
        }
        state = Mutex(State(context: try Context(), socket: socket, wanted: Ruleset(), generation: nil))
    }

    /// Makes the filter what `change` makes of the wanted one, all in one transaction.
    func replace(_ change: (inout Ruleset) -> Void) throws(EngineError) {
        try state.withLock { (state) throws(EngineError) in
            change(&state.wanted)
            try Self.rewrite(&state)
        }
    }

    /// Puts back what someone else took away; a few microseconds when nobody did.
    func ensure() throws(EngineError) {
        try state.withLock { (state) throws(EngineError) in
            if state.generation == nil || state.generation != Self.generation(state) { try Self.rewrite(&state) }
        }
    }

    /// Adds and removes published ports, in one transaction.
    func change(add: [Ruleset.Translation] = [], remove: [Ruleset.Translation] = []) throws(EngineError) {
        try state.withLock { (state) throws(EngineError) in
            let remove = remove.filter { state.wanted.ports.contains($0) && !add.contains($0) }
            let add = add.filter { !state.wanted.ports.contains($0) }
            guard !add.isEmpty || !remove.isEmpty else { return }
            state.wanted.ports.subtract(remove)
            state.wanted.ports.formUnion(add)
            let before = Self.generation(state)
            guard let before, before == state.generation else { return try Self.rewrite(&state) }
            do throws(EngineError) {
                try state.context.run(Ruleset.change(add: add, remove: remove))
            } catch { return try Self.rewrite(&state) }
            state.generation = Self.generation(state).flatMap { $0 == before &+ 1 ? $0 : nil }
        }
    }

    private static func rewrite(_ state: inout State) throws(EngineError) {
        let before = generation(state)
        state.generation = nil
        try state.context.run(state.wanted.script)
        // Another program's transaction in between would make it more than one step.
        if let before, let after = generation(state), after == before &+ 1 { state.generation = after }
    }

    /// The number of nftables' last transaction (NFT_MSG_GETGEN); nil where the kernel won't say.
    private static func generation(_ state: borrowing State) -> UInt32? {
        do throws(Errno) { return try state.socket.packetFilterGeneration() } catch { return nil }
    }
}

/// libnftables' context, which is for one thread at a time: it lives in a `Mutex`.
private struct Context: ~Copyable, @unchecked Sendable {
    // Sendable: whoever holds it holds the lock around it.
    private let context: OpaquePointer

    init() throws(EngineError) {
        guard let context = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else {
            throw EngineError(.system, "the packet filter (nftables) can't be reached: nft_ctx_new failed")
        }
        self.context = context
        nft_ctx_buffer_error(context)
        nft_ctx_buffer_output(context)
    }

    deinit { nft_ctx_free(context) }

    func run(_ script: String) throws(EngineError) {
        guard nft_run_cmd_from_buffer(context, script) != 0 else { return }
        let words = nft_ctx_get_error_buffer(context).map { String(cString: $0) } ?? ""
        let first = words.split(separator: "\n").first.map(String.init) ?? "unknown error"
        throw EngineError(.system, "failed to change the packet filter: \(first)")
    }
}
