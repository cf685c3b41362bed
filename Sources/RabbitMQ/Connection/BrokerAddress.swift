import CRabbitMQ

/// One address of one of the brokers that a configuration names.
struct BrokerAddress {
    let broker: RabbitMQConnectionConfiguration.Broker
    /// Whether the broker's host has others.
    let isOneOfSeveral: Bool
    let wire: rmq_address

    /// The address as a number, and the port.
    var number: String {
        let text = withUnsafePointer(to: wire) { String(cString: rmq_address_text($0)) }
        return "\(text):\(broker.port)"
    }

    /// All of a broker, in the order of the system's resolver. Blocks.
    ///
    /// - Parameter hosts: the broker's, or instead of it.
    static func all(of broker: RabbitMQConnectionConfiguration.Broker, hosts: [String]) -> [BrokerAddress] {
        var found: [rmq_address] = []
        for host in hosts {
            let room = 16
            found += [rmq_address](unsafeUninitializedCapacity: room) { buffer, count in
                guard let start = buffer.baseAddress else { return }
                count = Int(rmq_resolve(host, Int32(broker.port), start, Int32(room)))
            }
        }
        return found.map { BrokerAddress(broker: broker, isOneOfSeveral: found.count > 1, wire: $0) }
    }
}
