import RepriseKernel
import Testing

@testable import RepriseBroker

@Suite("Names of exchanges and queues")
struct HubNamesTests {
    @Test("Every name, as operators and permissions know them")
    func names() {
        let zero = PartitionNumber(0)
        #expect(testNames.commands == "reprise.test")
        #expect(testNames.statuses == "reprise.test.status")
        #expect(testNames.intake == "reprise.test.intake")
        #expect(testNames.dead == "reprise.test.dead")
        #expect(testNames.record == "reprise.test.hub")
        #expect(testNames.inbox(zero) == "reprise.test.inbox.0")
        #expect(testNames.owner(zero) == "reprise.test.owner.0")
        #expect(testNames.journal(zero) == "reprise.test.journal.0")
        #expect(testNames.activity("E1_SayHello") == "reprise.test.activity.E1_SayHello")
        #expect(testNames.suspects("E1_SayHello") == "reprise.test.suspects.E1_SayHello")
        #expect(testNames.trial("E1_SayHello") == "reprise.test.trial.E1_SayHello")
        #expect(testNames.gatewayStatus("g1") == "reprise.test.gateway.g1.status")
    }

    @Test("The longest names fit into AMQP's short strings")
    func length() {
        let names = HubNames(HubName(checked: String(repeating: "h", count: 40)))
        #expect(names.activity(String(repeating: "a", count: 128)).utf8.count <= 255)
        #expect(names.suspects(String(repeating: "a", count: 128)).utf8.count <= 255)
        #expect(names.gatewayStatus(String(repeating: "g", count: 64)).utf8.count <= 255)
    }

    @Test("A queue's name tells what it belongs to")
    func reading() {
        #expect(testNames.partition(ofInbox: "reprise.test.inbox.12") == PartitionNumber(12))
        for other in [
            "reprise.test.inbox.", "reprise.test.inbox.-1", "reprise.test.inbox.+1", "reprise.test.inbox.007",
            "reprise.tests.inbox.1", "reprise.test.inbox.99999999999999999999",
        ] {
            #expect(testNames.partition(ofInbox: other) == nil, "\(other)")
        }
        #expect(testNames.activity(ofQueue: "reprise.test.activity.A.b") == "A.b")
        #expect(testNames.activity(ofQueue: "reprise.test.activity.") == nil)
        #expect(testNames.activity(ofSuspects: "reprise.test.suspects.A.b") == "A.b")
        #expect(testNames.activity(ofSuspects: "reprise.test.activity.A.b") == nil)
    }

    @Test("The broker's refusal names the hub's own partition count")
    func refusal() {
        let message =
            "PRECONDITION_FAILED - inequivalent arg 'x-max-length' for queue 'reprise.x.hub' in vhost '/': "
            + "received the value '8' of type 'long' but current is the value '4' of type 'long'"
        #expect(HubTopology.currentValue(in: message) == "4")
        #expect(HubTopology.currentValue(in: "something else") == nil)
    }
}
