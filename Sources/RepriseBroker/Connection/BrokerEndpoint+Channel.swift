import RabbitMQ

extension BrokerEndpoint {
    /// A channel with confirms on a connection of its own, closed when `work` is done.
    func withChannel<Result: Sendable>(
        for purpose: String,
        _ work: (Channel) async throws -> Result
    ) async throws(HubError) -> Result {
        do {
            let live = try await open(for: purpose)
            do {
                let result = try await work(try await live.connection.openChannel())
                await live.connection.close()
                return result
            } catch {
                await live.connection.close()
                throw error
            }
        } catch let error as HubError {
            throw error
        } catch let error as RabbitMQError {
            throw HubError(.broker, "the broker at \(place): \(error.message)", underlying: error)
        } catch {
            throw HubError(.broker, "the broker at \(place): \(error)")
        }
    }
}
