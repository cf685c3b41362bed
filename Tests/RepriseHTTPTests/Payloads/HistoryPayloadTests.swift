import RepriseKernel
import Testing

@testable import RepriseHTTP

@Suite struct HistoryPayloadTests {
    private func task(_ id: Int64, _ name: String, _ input: String) -> ScheduledTask {
        ScheduledTask(
            id: TaskID(id),
            name: name,
            input: .json(input),
            attempt: 1,
            key: id,
            secret: TaskSecret(high: 0, low: 0)
        )
    }

    private func records(_ events: [HistoryEvent]) -> [HistoryRecord] {
        events.enumerated().map { HistoryRecord($1, time: Timestamp(milliseconds: Int64($0) * 1000)) }
    }

    private func json(_ events: [HistoryEvent], input: Bool = false, output: Bool = false) -> String {
        let payload = HistoryPayload(showInput: input, showOutput: output)
        return String(decoding: JSONObject.array(payload.events(records(events))), as: UTF8.self)
    }

    @Test func whatWasScheduledIsToldByWhatCameOfIt() {
        let events: [HistoryEvent] = [
            .executionStarted(name: "Hello", input: .json("1")), .taskScheduled(task(1, "Say", #""Tokyo""#)),
            .customStatusSet(.json("2")), .taskCompleted(TaskID(1), result: .json(#""Hello Tokyo!""#)),
            .executionCompleted(output: .json("[3]")),
        ]
        #expect(
            json(events) == """
                [{"EventType":"ExecutionStarted","FunctionName":"Hello","Timestamp":"1970-01-01T00:00:00.000Z"},\
                {"EventType":"TaskCompleted","ScheduledTime":"1970-01-01T00:00:01.000Z","FunctionName":"Say",\
                "Timestamp":"1970-01-01T00:00:03.000Z"},\
                {"EventType":"ExecutionCompleted","OrchestrationStatus":"Completed","Timestamp":"1970-01-01T00:00:04.000Z"}]
                """
        )
        #expect(
            json(events, input: true, output: true) == """
                [{"EventType":"ExecutionStarted","Input":1,"FunctionName":"Hello","Timestamp":"1970-01-01T00:00:00.000Z"},\
                {"EventType":"TaskCompleted","Result":"Hello Tokyo!","ScheduledTime":"1970-01-01T00:00:01.000Z",\
                "FunctionName":"Say","Input":"Tokyo","Timestamp":"1970-01-01T00:00:03.000Z"},\
                {"EventType":"ExecutionCompleted","OrchestrationStatus":"Completed","Result":[3],\
                "Timestamp":"1970-01-01T00:00:04.000Z"}]
                """
        )
    }

    @Test func whatIsStillOpenStays() {
        #expect(
            json([.taskScheduled(task(1, "Say", "1")), .timerCreated(TaskID(2), fireAt: Timestamp(milliseconds: 5000))])
                == """
                [{"EventType":"TaskScheduled","Name":"Say","Timestamp":"1970-01-01T00:00:00.000Z"},\
                {"EventType":"TimerCreated","FireAt":"1970-01-01T00:00:05.000Z","Timestamp":"1970-01-01T00:00:01.000Z"}]
                """
        )
    }

    @Test func theOtherEventsAreNamedAsTheReferenceNamesThem() {
        let failure = Failure(
            type: "Boom",
            message: "no",
            details: "stack",
            cause: Failure(type: "Inner", message: "why")
        )
        let text = json(
            [
                .timerCreated(TaskID(1), fireAt: Timestamp(milliseconds: 5000)), .timerFired(TaskID(1)),
                .timerCanceled(TaskID(1)), .eventRaised(name: "City", .json("true")),
                .executionSuspended(reason: .json(#""tea""#)), .executionResumed(reason: .null),
                .taskScheduled(task(2, "Say", "1")), .taskFailed(TaskID(2), failure), .executionFailed(failure),
                .executionTerminated(reason: .json(#""enough""#)),
            ],
            input: true
        )
        for part in [
            #"{"EventType":"TimerFired","FireAt":"1970-01-01T00:00:05.000Z""#,
            #"{"EventType":"EventRaised","Name":"City","Input":true"#,
            #"{"EventType":"ExecutionSuspended","Reason":"tea""#,
            #"{"EventType":"ExecutionResumed","Reason":null"#,
            #"{"EventType":"TaskFailed","Reason":"no","Details":"stack","FailureDetails":{"ErrorType":"Boom","ErrorMessage":"no","StackTrace":"stack","InnerFailure":{"ErrorType":"Inner""#,
            #"{"EventType":"ExecutionCompleted","OrchestrationStatus":"Failed""#,
            #"{"EventType":"ExecutionTerminated","Input":"enough""#, #""OrchestrationStatus":"Terminated""#,
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!text.contains("TimerCanceled"))
    }
}
