import Testing

@testable import RabbitMQ

/// Several URLs, with commas between.
@Suite struct BrokerListTests {
    @Test func readsTheBrokersOfACluster() throws {
        let list =
            "amqps://u:p@one/v?heartbeat=7,amqps://u:p@two:5999/v?heartbeat=7 ,\n AMQPS://u:p@[::1]/v?heartbeat=7"
        let configuration = try RabbitMQConnectionConfiguration(url: list)
        #expect(configuration.brokers.map(\.host) == ["one", "two", "::1"])
        #expect(configuration.brokers.map(\.port) == [5671, 5999, 5671])
        #expect(configuration.username == "u")
        #expect(configuration.password == "p")
        #expect(configuration.virtualHost == "v")
        #expect(configuration.heartbeat == .seconds(7))
        #expect("\(configuration)" == "amqps://one:5671, amqps://two:5999, amqps://::1:5671")
        try configuration.validate()
    }

    /// As before there were lists.
    @Test func aCommaInAPasswordIsNoList() throws {
        let configuration = try RabbitMQConnectionConfiguration(url: "amqp://u:a,b%2Cc@h/v,w,amqp://u:a,b,c@i/v,w")
        #expect(configuration.password == "a,b,c")
        #expect(configuration.virtualHost == "v,w")
        #expect(configuration.brokers.map(\.host) == ["h", "i"])
    }

    @Test(arguments: [
        ("amqp://h,amqps://i", "AMQP URL 2 of 2 cannot be used: it has another scheme than the first"),
        ("amqp://u:hunter2@h,amqp://w:hunter2@i", "another user"),
        ("amqp://u:hunter2@h,amqp://u:hunter3@i", "another password"),
        ("amqp://h/a,amqp://i/b", "another virtual host"),
        ("amqp://h?heartbeat=2,amqp://i", "another query"),
        ("amqps://h?verify=verify_none,amqps://i", "another query"),
        ("amqp://h,amqp://i,amqp://h:5672", "AMQP URL 3 of 3 cannot be used: an earlier one names the same broker"),
        ("amqp://h,http://u:hunter2@i", "AMQP URL 2 of 2 cannot be used: the scheme must be amqp or amqps"),
        ("amqp://u:hunter2@h:x,amqp://u:hunter2@i", "AMQP URL 1 of 2 cannot be used: the port"),
        ("amqp://u:hunter2@h,i", "each has its scheme"),
        ("amqp://u:hunter2@h,", "each has its scheme"),
        ("amqp://h:5672,i:5673", "the port is not a number"),
    ])
    func saysWhichURLIsWrong(list: String, says: String) {
        let error = #expect(throws: RabbitMQError.self) { try RabbitMQConnectionConfiguration(url: list) }
        #expect(error?.code == .invalidURL)
        #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
        #expect(error?.description.contains("hunter") == false)
    }
}
