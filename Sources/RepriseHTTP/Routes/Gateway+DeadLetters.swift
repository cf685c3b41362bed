import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RepriseEngine
import RepriseKernel

/// What could not be processed: to look at, to send again, to drop.
extension Gateway {
    /// Each look takes all letters before it from the queue: what lies deeper has to wait its turn.
    private static let deepest = 1000
    private static let bodyLimit = 65_536
    /// How long a look may take, behind those of others.
    private static let timeout = Duration.seconds(15)

    // MARK: GET /dead-letters

    func deadLetters(_ call: Call) async throws -> Response {
        let skipped = try call.target.query.wholeNumber("skip", in: 0...Self.deepest) ?? 0
        let limit = try call.target.query.wholeNumber("top", in: 1...200) ?? 50
        let list = try await look { letters throws(DeadLetterError) in
            try await letters.list(skipping: skipped, limit: limit, includingBodies: false)
        }
        var body = JSONObject()
        body.add("total", list.total)
        body.add("letters", list.letters.map(\.summary))
        return .json(.ok, body.bytes, headers: [.cacheControl: "no-store"])
    }

    // MARK: GET /dead-letters/{id}

    func deadLetter(_ id: String) async throws -> Response {
        let letter = try await look { letters throws(DeadLetterError) in try await letters.show(id) }
        return .json(.ok, letter.whole(bodyUpTo: Self.bodyLimit).bytes, headers: [.cacheControl: "no-store"])
    }

    // MARK: POST /dead-letters/{id}/retry

    func retryDeadLetter(_ id: String, _ call: Call) async throws -> Response {
        let letter = try await look { letters throws(DeadLetterError) in try await letters.retry(id) }
        record("sent again", letter, call)
        return .json(.ok, letter.summary.bytes)
    }

    // MARK: DELETE /dead-letters/{id}

    func dropDeadLetter(_ id: String, _ call: Call) async throws -> Response {
        record("dropped", try await look { letters throws(DeadLetterError) in try await letters.drop(id) }, call)
        return Response(status: .noContent)
    }

    /// So that it can be found out later what became of a message, and through whom.
    private func record(_ deed: String, _ letter: StoredDeadLetter, _ call: Call) {
        let sender = call.connection.channel.remoteAddress?.ipAddress ?? "an unknown address"
        logger.notice(
            "dead letter \(deed)",
            metadata: [
                "letter": "\(letter.id)", "from": "\(sender)", "exchange": "\(letter.exchange)",
                "routingKey": "\(letter.routingKey)", "instance": "\(letter.instance ?? "")",
                "reason": "\(letter.reason)",
            ]
        )
    }

    // MARK: How many, for the overview

    /// Nil when the broker does not say.
    func deadLetterCount() async -> Int? {
        guard letters != nil else { return nil }
        return try? await look { letters throws(DeadLetterError) in
            try await letters.list(skipping: 0, limit: 0, includingBodies: false).total
        }
    }

    private func look<Value: Sendable>(
        _ body: @escaping @Sendable (any DeadLetterSource) async throws(DeadLetterError) -> Value
    ) async throws -> Value {
        guard let letters else { throw Problem(.notFound, "This gateway has no access to dead letters") }
        do {
            // Each has a connection to the broker of its own, and they wait for each other.
            let value = try await letterGate.pass(
                orThrow: Problem.unavailable("others are looking at the dead letters: try again in a moment")
            ) {
                try await within(Self.timeout, of: clock) { try await body(letters) }
            }
            guard let value else { throw Problem.unavailable("the dead letters could not be read in \(Self.timeout)") }
            return value
        } catch let error as DeadLetterError {
            switch error {
            case .unknown: throw Problem(.notFound, Problem.sentence(error.message))
            case .notKept: throw Problem(.conflict, Problem.sentence(error.message))
            case .unavailable: throw Problem.unavailable(error.message)
            }
        }
    }
}
