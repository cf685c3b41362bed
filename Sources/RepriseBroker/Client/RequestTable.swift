import RabbitMQ
import RepriseEngine
import RepriseKernel
import Synchronization

/// The requests of one client that wait for an answer, by the correlation that the answer will carry.
final class RequestTable: Sendable {
    private struct Waiting {
        var assembly = AnswerEnvelope.Assembly()
        let answer: Promise<Result<Answer, HubUnavailable>>
    }

    private let waiting = Mutex<[String: Waiting]>([:])

    func begin(_ correlation: String) -> Promise<Result<Answer, HubUnavailable>> {
        let answer = Promise<Result<Answer, HubUnavailable>>()
        waiting.withLock { $0[correlation] = Waiting(answer: answer) }
        return answer
    }

    func end(_ correlation: String) { waiting.withLock { $0[correlation] = nil } }

    /// Takes a message of the reply queue. One that is no longer awaited is dropped: its caller was told so.
    func receive(_ message: ReceivedMessage) {
        guard let correlation = message.properties.correlationID else { return }
        let finished: (Promise<Result<Answer, HubUnavailable>>, Result<Answer, HubUnavailable>)? = waiting.withLock {
            waiting in
            guard let answer = waiting[correlation]?.answer else { return nil }
            do {
                // The entry is changed in place: a long answer must not be copied with every part.
                guard let whole = try waiting[correlation]?.assembly.add(message) else { return nil }
                return (answer, .success(whole))
            } catch {
                return (answer, .failure(HubUnavailable("the answer cannot be read: \(error)")))
            }
        }
        if let (answer, result) = finished { answer.set(result) }
    }

    /// Ends all requests without an answer.
    func failAll(_ error: HubUnavailable) {
        for answer in waiting.withLock({ $0.values.map(\.answer) }) { answer.set(.failure(error)) }
    }
}
