import Testing

@testable import RabbitMQ

@Suite struct AMQPURLTests {
    @Test func readsEveryPart() throws {
        let url =
            "amqps://al%40ice:p%3As%2F@rabbit.example:5999/my%2Fhost?heartbeat=7&connection_timeout=3000&cacertfile=/ca.pem&certfile=/c.pem&keyfile=/k.pem"
        let configuration = try RabbitMQConnectionConfiguration(url: url)
        #expect(configuration.username == "al@ice")
        #expect(configuration.password == "p:s/")
        #expect(configuration.host == "rabbit.example")
        #expect(configuration.port == 5999)
        #expect(configuration.virtualHost == "my/host")
        #expect(configuration.heartbeat == .seconds(7))
        #expect(configuration.connectTimeout == .seconds(3))
        #expect(configuration.tls == .init(caCertificateFile: "/ca.pem", certificateFile: "/c.pem", keyFile: "/k.pem"))
    }

    @Test func fillsInWhatIsMissing() throws {
        let configuration = try RabbitMQConnectionConfiguration(url: "amqp://")
        #expect(configuration.host == "localhost")
        #expect(configuration.port == 5672)
        #expect(configuration.username == "guest")
        #expect(configuration.virtualHost == "/")
        #expect(configuration.tls == nil)
        #expect(configuration.heartbeat == .seconds(5))
        #expect(try RabbitMQConnectionConfiguration(url: "amqps://h").port == 5671)
        #expect(try RabbitMQConnectionConfiguration(url: "amqp://h/").virtualHost == "/")
        #expect(try RabbitMQConnectionConfiguration(url: "amqp://[::1]:5673/v").host == "::1")
        #expect(try RabbitMQConnectionConfiguration(url: "amqps://h?verify=verify_none").tls?.verifiesPeer == false)
    }

    @Test(
        arguments: [
            "", "localhost", "http://h", "amqp://h:0", "amqp://h:x", "amqp://h:99999", "amqp://h/a/b", "amqp://[::1",
            "amqp://[::1]x",
            "amqp://h?connection_timeout=5", "amqp://h?connection_timeout=soon",
            "amqp://h?heartbeat=soon", "amqp://h?heartbeat=-1", "amqp://h?surprise=1", "amqp://h?verify=verify_none",
            "amqps://h?verify=maybe", "amqp://u:%zz@h", "amqp://u:%e2%28@h", "amqp://u:secret#1@h", "amqp://h/%2",
        ]
    )
    func refusesWhatItCannotUse(url: String) {
        let error = #expect(throws: RabbitMQError.self) { try RabbitMQConnectionConfiguration(url: url) }
        #expect(error?.code == .invalidURL)
    }

    @Test(arguments: [
        "amqp://bob:hunter2@h:port", "amqp://bob:hunter2#@h", "http://bob:hunter2@h", "amqp://bob:hunter2%@h",
        "bob:hunter2@h",
    ])
    func neverRepeatsThePassword(url: String) {
        let error = #expect(throws: RabbitMQError.self) { try RabbitMQConnectionConfiguration(url: url) }
        #expect(error?.description.contains("hunter2") == false)
    }

    /// RabbitMQ's URI specification has milliseconds; 5 was taken for seconds here, and 5000 for more than an hour.
    @Test func theTimeToConnectIsInMilliseconds() throws {
        let configuration = try RabbitMQConnectionConfiguration(url: "amqp://h?connection_timeout=5000&heartbeat=20")
        #expect(configuration.connectTimeout == .seconds(5))
        #expect(configuration.heartbeat == .seconds(20))
        let error = #expect(throws: RabbitMQError.self) {
            try RabbitMQConnectionConfiguration(url: "amqp://h?connection_timeout=5")
        }
        #expect(error?.message.contains("connection_timeout must be a number of milliseconds") == true)
    }

    /// A service that was logged showed its configuration, and the configuration the password.
    @Test func noDumpShowsThePassword() throws {
        struct Service { var endpoints: [RabbitMQConnectionConfiguration] }
        let configuration = try RabbitMQConnectionConfiguration(url: "amqp://bob:hunter2@h")
        let url = try AMQPURL("amqp://bob:hunter2@h")
        #expect(configuration.password == "hunter2")
        for value in [configuration, url, Service(endpoints: [configuration])] as [Any] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                #expect(!text.contains("hunter2"), "\(text)")
            }
        }
    }

    @Test func refusesValuesThatCannotBeSent() async {
        var configuration = RabbitMQConnectionConfiguration()
        configuration.frameMax = 131_073
        let tooLarge = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(configuration) }
        #expect(tooLarge?.code == .invalidArgument)
        configuration = RabbitMQConnectionConfiguration(password: "a\0b")
        let zero = await #expect(throws: RabbitMQError.self) { try await RabbitMQConnection.open(configuration) }
        #expect(zero?.code == .invalidArgument)
    }
}
