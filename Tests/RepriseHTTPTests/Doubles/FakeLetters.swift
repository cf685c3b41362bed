import RepriseEngine
import RepriseKernel
import Synchronization

/// Dead letters in an array.
final class FakeLetters: DeadLetterSource {
    struct State {
        var letters: [StoredDeadLetter] = []
        var retried: [String] = []
        var failure: DeadLetterError?
        /// How long every call takes.
        var silence: Duration?
    }

    let state = Mutex(State())

    func put(_ letters: [StoredDeadLetter]) { state.withLock { $0.letters = letters } }

    private func with<Value: Sendable>(
        _ body: (inout State) throws(DeadLetterError) -> Value
    ) async throws(DeadLetterError) -> Value {
        if let silence = state.withLock({ $0.silence }) { try? await Task.sleep(for: silence) }
        return try state.withLock { state throws(DeadLetterError) in
            if let failure = state.failure { throw failure }
            return try body(&state)
        }
    }

    func list(skipping skipped: Int, limit: Int, includingBodies: Bool) async throws(DeadLetterError) -> DeadLetterList
    {
        try await with { state throws(DeadLetterError) in
            var shown = Array(state.letters.dropFirst(skipped).prefix(limit))
            if !includingBodies { for index in shown.indices { shown[index].body = nil } }
            return DeadLetterList(letters: shown, total: state.letters.count)
        }
    }

    func show(_ id: String) async throws(DeadLetterError) -> StoredDeadLetter {
        try await with { state throws(DeadLetterError) in state.letters[try Self.place(of: id, state)] }
    }

    func retry(_ id: String) async throws(DeadLetterError) -> StoredDeadLetter {
        try await with { state throws(DeadLetterError) in
            let place = try Self.place(of: id, state)
            guard state.letters[place].isKept else { throw DeadLetterError.notKept("the body was too large") }
            state.retried.append(id)
            return state.letters.remove(at: place)
        }
    }

    func drop(_ id: String) async throws(DeadLetterError) -> StoredDeadLetter {
        try await with { state throws(DeadLetterError) in state.letters.remove(at: try Self.place(of: id, state)) }
    }

    private static func place(of id: String, _ state: State) throws(DeadLetterError) -> Int {
        guard let place = state.letters.firstIndex(where: { $0.id == id }) else {
            throw DeadLetterError.unknown("there is no dead letter '\(id)' in hub 'demo'")
        }
        return place
    }
}
