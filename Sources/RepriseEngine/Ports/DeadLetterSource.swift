/// A hub's dead letters, for the people who look after it: by the gateway and the command line.
///
/// Nothing is lost by whom or what fails in between: a letter is removed only after its message was sent again.
package protocol DeadLetterSource: Sendable {
    /// The oldest letters but for those that are skipped, and how many there are in all. None is removed.
    ///
    /// - Parameter includingBodies: false leaves bodies and headers out.
    func list(skipping skipped: Int, limit: Int, includingBodies: Bool) async throws(DeadLetterError) -> DeadLetterList
    func show(_ id: String) async throws(DeadLetterError) -> StoredDeadLetter
    /// Publishes the original again where it was first published, and removes the letter once the broker has confirmed
    /// that. A crash in between leaves both.
    func retry(_ id: String) async throws(DeadLetterError) -> StoredDeadLetter
    func drop(_ id: String) async throws(DeadLetterError) -> StoredDeadLetter
}

/// Some of the dead letters, and how many there are.
package struct DeadLetterList: Equatable, Sendable {
    package var letters: [StoredDeadLetter]
    package var total: Int

    package init(letters: [StoredDeadLetter], total: Int) {
        self.letters = letters
        self.total = total
    }
}

/// Why nothing was done with a dead letter, each with a sentence for people.
package enum DeadLetterError: Error, Equatable {
    /// There is none with that id.
    case unknown(String)
    /// Its body was too large to be kept, so it cannot be sent again.
    case notKept(String)
    /// There is no such hub, the broker does not answer, or others are looking for too long.
    case unavailable(String)

    package var message: String {
        switch self {
        case .unknown(let message), .notKept(let message), .unavailable(let message): message
        }
    }
}
