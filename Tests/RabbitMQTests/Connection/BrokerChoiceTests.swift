import Testing

@testable import RabbitMQ

@Suite struct BrokerChoiceTests {
    static let all = ["10.0.0.1:5672", "10.0.0.2:5672", "10.0.0.3:5672"]

    @Test func staysWithTheSameBroker() {
        let choice = BrokerChoice()
        let order = choice.order(Self.all)
        #expect(Set(order) == Set(Self.all))
        #expect(order.count == 3)
        for _ in 0..<100 { #expect(choice.order(Self.all.reversed()) == order) }
    }

    @Test func returnsToABrokerOnlyAfterTheOthers() {
        let choice = BrokerChoice()
        let order = choice.order(Self.all)
        choice.leave(order[0])
        #expect(choice.order(Self.all) == [order[1], order[2], order[0]])
        // Its other connections are lost, too, some of them later.
        choice.leave(order[0])
        #expect(choice.order(Self.all) == [order[1], order[2], order[0]])
        choice.leave(order[1])
        #expect(choice.order(Self.all) == [order[2], order[0], order[1]])
        choice.leave(order[2])
        #expect(choice.order(Self.all) == order)
    }

    /// Each process draws its own order: also the second choice, for when a broker goes.
    @Test func spreadsProcessesOverBrokers() {
        var firsts: [String: Int] = [:]
        var seconds: [String: Int] = [:]
        for seed in 0..<600 {
            let order = BrokerChoice(seed: UInt64(seed)).order(Self.all)
            firsts[order[0], default: 0] += 1
            if order[0] == Self.all[0] { seconds[order[1], default: 0] += 1 }
        }
        for address in Self.all { #expect((140...260).contains(firsts[address] ?? 0), "\(firsts)") }
        for address in Self.all.dropFirst() { #expect((60...140).contains(seconds[address] ?? 0), "\(seconds)") }
    }

    /// A host's name stands for other addresses every day.
    @Test func forgetsAddressesThatAreGone() {
        let choice = BrokerChoice()
        let order = choice.order(Self.all)
        choice.leave(order[0])
        #expect(choice.order(Array(order[1...])) == Array(order[1...]))
        #expect(choice.order(Self.all) == order)
        #expect(choice.order([String]()) == [])
        #expect(choice.order([order[0], order[0]]) == [order[0]])
    }
}
