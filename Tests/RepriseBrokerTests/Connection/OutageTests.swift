import RabbitMQ
import Testing

@testable import RepriseBroker

@Suite struct OutageTests {
    /// A refused password was tried for 170 s, and no one said so: only the first failure was said, that the connection
    /// had been lost.
    @Test func eachCauseIsSaidOnceAndSoIsTheEnd() {
        let outage = Outage()
        let lost = RabbitMQError(.connectionLost, "it broke")
        let refused = RabbitMQError(.authentication, "no such password")
        #expect(outage.cause == nil)
        #expect(outage.note(lost))
        #expect(!outage.note(lost))
        #expect(outage.note(refused))
        #expect(!outage.note(HubError(.broker, "the broker: no such password", underlying: refused)))
        #expect(!outage.note(lost))
        #expect(outage.cause == "it broke")
        #expect(outage.end())
        #expect(!outage.end())
        #expect(outage.cause == nil)
        #expect(outage.note(lost), "a second outage is news again")
    }
}
