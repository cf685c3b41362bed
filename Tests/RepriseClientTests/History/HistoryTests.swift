import Foundation
import Reprise
import RepriseClient
import Testing

@Suite("The history that the gateway tells")
struct HistoryTests {
    private let id = InstanceID(trusted: "trip-1")

    private static let status = #""name":"Trip","instanceId":"trip-1","runtimeStatus":"Failed""#

    @Test("Each event says what happened, when, and with what")
    func events() async throws {
        let gateway = ScriptedGateway([
            .status(
                200,
                """
                {\(Self.status),"historyEvents":[
                {"EventType":"ExecutionStarted","Input":2,"FunctionName":"Trip","Timestamp":"2026-11-24T18:30:24.123Z"},
                {"EventType":"TaskCompleted","Result":["a"],"ScheduledTime":"2026-11-24T18:30:25Z",\
                "FunctionName":"Book","Input":"Tokyo","Timestamp":"2026-11-24T18:30:26Z"},
                {"EventType":"TimerCreated","FireAt":"2026-11-25T00:00:00Z","Timestamp":"2026-11-24T18:30:26Z"},
                {"EventType":"ExecutionSuspended","Reason":{"by":1},"Timestamp":"2026-11-24T18:30:27Z"},
                {"EventType":"SubOrchestrationInstanceCreated","Name":"Hop","InstanceId":"hop-1","Input":null,\
                "Timestamp":"2026-11-24T18:30:28Z"},
                {"EventType":"Invented","Timestamp":"2026-11-24T18:30:28Z"},
                {"EventType":"ExecutionCompleted","OrchestrationStatus":"Failed","Result":"Full: no seat",\
                "FailureDetails":{"ErrorType":"Full","ErrorMessage":"no seat"},"Timestamp":"2026-11-24T18:30:29Z"}]}
                """
            )
        ])
        let events = try await gateway.client().history(of: id)
        #expect(
            events.map(\.kind) == [
                .executionStarted, .taskCompleted, .timerCreated, .executionSuspended, .subOrchestrationCreated,
                OrchestrationEvent.Kind(rawValue: "Invented"), .executionCompleted,
            ]
        )
        #expect(events.map(\.name) == ["Trip", "Book", nil, nil, "Hop", nil, nil])
        #expect(events[0].time == Date(timeIntervalSince1970: 1_795_545_024.123))
        #expect(try events[0].input(as: Int.self) == 2)
        #expect(try events[1].result(as: [String].self) == ["a"])
        #expect(try events[1].input(as: String.self) == "Tokyo")
        #expect(events[1].scheduledTime == events[1].time - 1)
        #expect(events[2].fireTime != nil)
        #expect(events[3].reason == #"{"by":1}"#)
        #expect(events[4].instance == "hop-1")
        #expect(try events[4].input(as: Int.self) == nil)
        #expect(events[6].runtimeStatus == .failed && events[6].reason == "no seat")
        let unreadable = #expect(throws: RepriseError.self) { try events[6].result(as: Int.self) }
        #expect(unreadable?.code == .unreadablePayload)
        #expect(
            gateway.asked[0].url.hasSuffix("/instances/trip-1?showHistory=true&showInput=true&showHistoryOutput=true")
        )
    }

    @Test("Without a history there are no events; without an instance, or with nonsense, an error")
    func none() async throws {
        #expect(try await ScriptedGateway([.status(202, "{\(Self.status)}")]).client().history(of: id).isEmpty)
        for (answer, code) in [
            (Result.status(404), RepriseError.Code.unknownInstance), (.status(200, "[]"), .unexpectedAnswer),
            (.status(200, #"{\#(Self.status),"historyEvents":[{"EventType":"TimerFired"}]}"#), .unexpectedAnswer),
        ] {
            let error = await #expect(throws: RepriseError.self) {
                try await ScriptedGateway([answer]).client().history(of: id)
            }
            #expect(error?.code == code)
        }
    }
}
