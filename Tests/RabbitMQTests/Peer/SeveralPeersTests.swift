import Testing

@testable import RabbitMQ

/// Several brokers of which any will do.
@Suite(.timeLimit(.minutes(1))) struct SeveralPeersTests {
    /// All of them, in this order.
    func configuration(of peers: [ScriptedPeer]) -> RabbitMQConnectionConfiguration {
        var configuration = peers[0].configuration
        configuration.others = peers.dropFirst().map { .init(host: "127.0.0.1", port: $0.port) }
        for peer in peers { configuration.choice.leave("127.0.0.1:\(peer.port)") }
        return configuration
    }

    @Test func oneThatIsSilentIsLeft() async throws {
        let silent = try ScriptedPeer(greeting: [])
        let peers = [silent, try ScriptedPeer(), try ScriptedPeer()]
        var configuration = configuration(of: peers)
        configuration.connectTimeout = .milliseconds(500)
        let connection = try await RabbitMQConnection.open(configuration)
        #expect(connection.broker.port == peers[1].port)
        await connection.close()
        // Who says goodbye to a broker has not left it for another.
        #expect(configuration.choice.order(peers.map { "127.0.0.1:\($0.port)" }).last == "127.0.0.1:\(silent.port)")
    }

    @Test func oneThatIsLostIsLeft() async throws {
        let peers = [try ScriptedPeer(), try ScriptedPeer(), try ScriptedPeer()]
        let configuration = configuration(of: peers)
        for peer in peers {
            let connection = try await RabbitMQConnection.open(configuration)
            #expect(connection.broker.port == peer.port)
            peer.hangUp()
            await #expect(throws: RabbitMQError.self) { try await connection.untilClosed() }
            #expect(connection.closeReason?.message.contains("127.0.0.1:\(peer.port)") == true)
        }
    }

    @Test func oneAtWhichNoOneListensCostsNothing() async throws {
        let peer = try ScriptedPeer()
        var configuration = RabbitMQConnectionConfiguration(host: "127.0.0.1", port: 1)
        configuration.others = [
            .init(host: "no-such-host.invalid", port: 2), .init(host: "127.0.0.1", port: peer.port),
        ]
        let connection = try await RabbitMQConnection.open(configuration)
        #expect(connection.broker.port == peer.port)
        await connection.close()
    }

    @Test func allThatAreTriedAreNamed() async throws {
        let silent = try ScriptedPeer(greeting: [])
        var configuration = RabbitMQConnectionConfiguration(host: "127.0.0.1", port: 1)
        configuration.others = [.init(host: "127.0.0.1", port: 2), .init(host: "127.0.0.1", port: silent.port)]
        configuration.connectTimeout = .milliseconds(300)
        let refused = configuration
        let error = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(refused) }
        for port in [1, 2, silent.port] { #expect(error?.message.contains("127.0.0.1:\(port)") == true) }
        #expect([.refused, .timedOut].contains(error?.code))
    }

    /// Another broker of the same cluster would say the same.
    @Test func aWrongPasswordIsSaidAtOnce() async throws {
        let refusing = try ScriptedPeer { frame in
            guard frame.method == [10, 11] else { return nil }
            return WireBytes.method(10, 50, channel: 0) {
                $0.short(403)
                $0.shortText("ACCESS_REFUSED")
                $0.short(0)
                $0.short(0)
            }
        }
        let peers = [refusing, try ScriptedPeer()]
        let configuration = configuration(of: peers)
        let error = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(configuration) }
        #expect(error?.code == .authentication)
        #expect(error?.message.contains("127.0.0.1:\(refusing.port)") == true)
        #expect(error?.message.contains("\(peers[1].port)") == false)
    }

    /// It may be cut off from the others, and still take connections.
    @Test func oneThatFailsInTheMidstOfTheWorkIsLeft() async throws {
        let peers = [try ScriptedPeer(), try ScriptedPeer()]
        let served = Recorder<RabbitMQConnectionConfiguration.Broker>()
        let supervisor = RabbitMQConnectionSupervisor(configuration(of: peers))
        try await supervisor.run { connection in
            served.record(connection.broker)
            if served.events.count == 1 { throw RabbitMQError(.brokerFailure, "INTERNAL_ERROR", replyCode: 541) }
        }
        #expect(served.events.map(\.port) == peers.map(\.port))
    }
}
