import Logging
package import RabbitMQ

/// A broker to connect to, or a cluster of them, and the name under which its operators see this program.
package struct BrokerEndpoint: Sendable {
    package var configuration: RabbitMQConnectionConfiguration
    /// Of all connections that are opened here, also through copies.
    package let alarm = BrokerAlarm()

    package init(_ configuration: RabbitMQConnectionConfiguration) { self.configuration = configuration }

    /// - Parameter heartbeat: takes precedence over the URL.
    /// - Throws: ``HubError`` with the code `.address`; the message never repeats the URL, which may hold a password.
    package init(url: String, name: String, heartbeat: Duration? = nil) throws(HubError) {
        do {
            configuration = try RabbitMQConnectionConfiguration(url: url)
            configuration.name = name
            if let heartbeat { configuration.heartbeat = heartbeat }
            try configuration.validate()
        } catch {
            throw HubError(.address, error.message, underlying: error)
        }
    }

    /// `host:port`, for messages; of several brokers all.
    package var place: String { configuration.brokers.map(\.place).joined(separator: " or ") }

    /// The heartbeat interval, also among the nodes; 5 s when the connection has none.
    package var heartbeat: Duration {
        configuration.heartbeat > .zero ? configuration.heartbeat : .seconds(5)
    }

    func open(for purpose: String, logger: Logger? = nil) async throws(RabbitMQError) -> LiveConnection {
        let configuration = configuration(for: purpose)
        return LiveConnection(connection: try await RabbitMQConnection.open(configuration, onEvent: alarmed(logger)))
    }

    /// For a connection whose purpose the broker's operators see.
    func configuration(for purpose: String) -> RabbitMQConnectionConfiguration {
        var configuration = configuration
        configuration.name = "\(configuration.name): \(purpose)".cut(to: 200)
        return configuration
    }

    /// Receives the events of one connection after another for the alarm.
    func alarmed(_ logger: Logger?) -> @Sendable (RabbitMQConnectionEvent) -> Void {
        let number = alarm.connection()
        return { [alarm, place] event in
            switch event {
            case .blocked(let reason): alarm.set(reason, of: number, at: place, logger)
            case .unblocked, .closed: alarm.set(nil, of: number, at: place, logger)
            }
        }
    }
}

/// An open connection, and why it ended once it has.
struct LiveConnection: Sendable {
    let connection: RabbitMQConnection
    var lost: RabbitMQError? { connection.closeReason }

    /// Throws why the connection was lost once it is; returns when the waiting task is canceled.
    func untilLost() async throws { try await connection.untilClosed() }
}

extension RabbitMQConnectionConfiguration.Broker {
    /// `host:port`, for messages.
    package var place: String { "\(host):\(port)" }
}
