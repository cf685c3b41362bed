import NIOCore
import Synchronization

/// Whether the client of a connection may still send or read: when it cannot, what is held for it ends.
final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Its side of the connection is closed.
    func leave() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.isGone = true
            return state.waiting
        }
        for (_, continuation) in waiting { continuation.finish() }
    }

    /// Returns when the client has left, or when the task is canceled.
    func untilGone() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let number = state.withLock { state -> Int? in
            guard !state.isGone else { return nil }
            state.next += 1
            state.waiting[state.next] = continuation
            return state.next
        }
        guard let number else { return }
        defer { state.withLock { $0.waiting[number] = nil } }
        for await _ in stream {}
    }
}

/// The connection that a request came over.
struct ClientConnection: Sendable {
    let channel: any Channel

    /// Returns when the client will send nothing more over the connection, most likely because it is gone, or when the
    /// task is canceled. A client that has only closed its own direction may still read an answer that is sent at once.
    func untilClientLeaves() async {
        let presence = channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: ConnectionGuard.self).presence
        }
        // Without a guard the connection is closed, and its pipeline taken down.
        try? await presence.get().untilGone()
    }
}
