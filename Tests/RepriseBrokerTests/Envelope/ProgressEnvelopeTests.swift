import RabbitMQ
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseBroker

@Suite struct ProgressEnvelopeTests {
    private func task() throws -> TaskEnvelope {
        let message = TaskEnvelope.publication(
            of: .sayHello(),
            number: 1,
            epoch: 1,
            partition: PartitionNumber(0),
            names: testNames
        )
        return try TaskEnvelope.read(ReceivedMessage(message), activity: "E1_SayHello")
    }

    @Test func aReportFindsItsTask() throws {
        let publication = ProgressEnvelope.publication(of: Payload(json: #"{"done":3}"#), from: try task())
        #expect(publication.routingKey == testNames.inbox(PartitionNumber(0)) && publication.exchange.isEmpty)
        #expect(!publication.mandatory && !publication.message.properties.persistent)
        guard case .progress(let report) = InboxEnvelope.read(ReceivedMessage(publication), tag: 1).message else {
            Issue.record("no report")
            return
        }
        #expect(report.token == TaskMessage.sayHello().token && report.instance.value == "one")
        #expect(report.value.text == #"{"done":3}"#)
    }

    @Test func aReportWithoutATokenIsUnusable() throws {
        var message = ProgressEnvelope.publication(of: .null, from: try task()).message
        message.properties.headers["reprise-token"] = "mine"
        guard case .unusable = InboxEnvelope.read(ReceivedMessage(inbox: 0, message), tag: 1).message else {
            Issue.record("taken")
            return
        }
    }

    @Test(arguments: [#"{"done":3}"#, "null", nil]) func observersReadWhatWasSaid(_ json: String?) throws {
        let progress = ProgressMessage.make(json.map { Payload(json: $0) })
        let publication = ProgressEnvelope.publication(of: progress, names: testNames)
        #expect(publication.exchange == testNames.statuses)
        #expect(publication.routingKey == "E1_HelloSequence.ActivityProgress")
        #expect(publication.message.properties.headers["reprise-version"] == nil, "it is no version of the instance")
        #expect(try ProgressEnvelope.read(ReceivedMessage(publication)) == progress)
    }

    @Test(arguments: ["7", "null"]) func workersReadHowFarOthersGot(_ json: String) throws {
        let message = TaskMessage.sayHello()
        let report = ProgressReport(instance: message.instance, token: message.token, value: Payload(json: json))
        let publication = ProgressEnvelope.publication(of: report, names: testNames)
        #expect(publication.exchange == testNames.withdrawals && !publication.message.properties.persistent)
        let resumed = try #require(ProgressEnvelope.resumed(ReceivedMessage(publication)))
        #expect(resumed.token == message.token.description && resumed.progress.text == json)
        let address = TaskAddress(instance: message.instance, token: message.token)
        let withdrawal = WithdrawnTask(activity: nil, address: address, reason: "over")
        let other = WithdrawalEnvelope.publication(of: withdrawal, names: testNames)
        #expect(ProgressEnvelope.resumed(ReceivedMessage(other)) == nil)
        #expect(WithdrawalEnvelope.token(in: ReceivedMessage(publication)) == nil)
    }

    @Test func aTaskCarriesWhatWasReportedBefore() throws {
        var message = TaskMessage.sayHello()
        message.task.timeouts.heartbeat = .seconds(5)
        message.task.progress = Payload(json: #"{"page": "ü"}"#)
        let publication = TaskEnvelope.publication(
            of: message,
            number: 1,
            epoch: 1,
            partition: PartitionNumber(0),
            names: testNames
        )
        #expect(publication.message.properties.headers["reprise-heartbeat"] == .int(5_000))
        let read = try TaskEnvelope.read(ReceivedMessage(publication), activity: "E1_SayHello")
        #expect(read.isTimed && read.hasHeartbeat && read.task.progress == message.task.progress)
        #expect(try !task().isTimed && task().task.progress == nil)
    }

    @Test func aStatusIsNoProgress() throws {
        let status = StatusEnvelope.publication(of: .make(.started), number: 1, names: testNames)
        #expect(try ProgressEnvelope.read(ReceivedMessage(status)) == nil)
    }

    @Test func whatAnInstanceWaitsForTravelsWithItsHistory() throws {
        var status = InstanceStatus.make()
        for events in [nil, [], ["Approval", "Cancel"]] {
            for unread in [[], [UnreadEvent(name: "Aproval", time: Timestamp(milliseconds: 5))]] {
                status.waitingFor = events
                status.unreadEvents = unread
                #expect(
                    try AnswerCodec.decode(AnswerCodec.encode(.status(status, history: [])))
                        == .status(status, history: [])
                )
            }
        }
    }

    @Test func aStartBringsItsStatus() throws {
        var request = StartRequest(orchestrator: "Hello", input: .null)
        request.customStatus = Payload(json: #"{"stage":"queued"}"#)
        let command = Command(instance: InstanceID(checked: "one"), action: .start(request), messageID: "m")
        let message = CommandEnvelope.message(for: command)
        #expect(message.properties.headers["reprise-custom-status"] == #"{"stage":"queued"}"#)
        guard case .command(let read) = InboxEnvelope.read(ReceivedMessage(inbox: 0, message), tag: 1).message else {
            Issue.record("no command")
            return
        }
        #expect(read == command)
        var broken = message
        broken.properties.headers["reprise-custom-status"] = "{"
        guard case .unusable(let rejection) = InboxEnvelope.read(ReceivedMessage(inbox: 0, broken), tag: 1).message
        else {
            Issue.record("taken")
            return
        }
        #expect(rejection.reason.contains("reprise-custom-status"))
    }
}
