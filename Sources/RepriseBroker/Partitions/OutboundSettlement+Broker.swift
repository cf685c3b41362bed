import RabbitMQ
import RepriseEngine
import RepriseKernel

extension OutboundSettlement {
    /// Nil when the outcome is unknown: the channel is closed then, which counts as loss.
    ///
    /// - Parameter destination: where it was sent, for people.
    init?(_ settlement: RabbitMQSettlement, to destination: String) {
        let outcome: Outcome
        switch settlement.outcome {
        case .confirmed: outcome = .confirmed
        case .returned(_, let text): outcome = .undeliverable(reason: "no queue accepts it: \(text)")
        case .rejected: outcome = .refused(reason: "\(destination) refused it")
        case .undecided(let error) where error.code == .unconfirmed: outcome = .unconfirmed(reason: error.message)
        case .undecided(let error) where Self.unsent.contains(error.code):
            outcome = .undeliverable(reason: error.message)
        case .undecided: return nil
        }
        self.init(number: OutboundNumber(publicationID: settlement.id), outcome: outcome)
    }

    /// With these the publication never left this process, and the channel lives on.
    private static let unsent: Set<RabbitMQError.Code> = [.unsent, .overloaded, .blocked, .tooLarge, .invalidArgument]
}
