import RepriseTestSupport
import Testing

@testable import RepriseKernel

@Suite struct HistoryPayloadTests {
    private func task(
        _ id: Int64,
        _ name: String,
        _ input: String,
        _ target: TaskTarget = .activity
    ) -> ScheduledTask {
        ScheduledTask(
            id: TaskID(id),
            name: name,
            input: .json(input),
            target: target,
            attempt: 1,
            key: TaskKey(OutboundNumber(rawValue: id), life: 0),
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

    @Test func aTimerSaysWhenTheCodeWentOnWithoutIt() {
        #expect(
            json([.timerCreated(TaskID(1), fireAt: Timestamp(milliseconds: 5000)), .timerCanceled(TaskID(1))]) == """
                [{"EventType":"TimerCreated","FireAt":"1970-01-01T00:00:05.000Z",\
                "CanceledTime":"1970-01-01T00:00:01.000Z","Timestamp":"1970-01-01T00:00:00.000Z"}]
                """
        )
    }

    @Test func whatCameOfAnOperationNamesItsEntities() throws {
        let stock = try EntityID("stock", "cup")
        let events: [HistoryEvent] = [
            .taskScheduled(task(1, "", "null", .lock([stock]))), .taskCompleted(TaskID(1), result: .null),
            .taskScheduled(task(2, "take", "1", .entity(stock, section: nil))),
            .taskCompleted(TaskID(2), result: .null),
        ]
        let text = json(events)
        #expect(text.contains(#""FunctionName":"","LockSet":["@stock@cup"]"#), "\(text)")
        #expect(text.contains(#""FunctionName":"take","InstanceId":"@stock@cup""#), "\(text)")
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
                .cancelRequested(Cancellation(reason: .json(#""late""#), grace: .zero)),
                .executionCanceled(reason: .json(#""late""#), isForced: true),
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
            #"{"EventType":"GenericEvent","Reason":"CancelRequested","Input":"late""#,
            #"{"EventType":"ExecutionCompleted","OrchestrationStatus":"Canceled""#,
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!text.contains("TimerCanceled"))
    }

    @Test func subOrchestrationsAreToldLikeActivities() {
        let child = TaskTarget.orchestration(.of("child"), version: nil, tags: [:], takesUp: false)
        let events: [HistoryEvent] = [
            .taskScheduled(task(1, "Child", "1", child)), .taskScheduled(task(2, "Child", "2", child)),
            .taskScheduled(task(3, "Child", "3", child)), .taskCompleted(TaskID(1), result: .json("10")),
            .taskFailed(TaskID(2), Failure(type: "Boom", message: "no")),
        ]
        #expect(
            json(events, input: true, output: true) == """
                [{"EventType":"SubOrchestrationInstanceCreated","Name":"Child","InstanceId":"child","Input":3,\
                "Timestamp":"1970-01-01T00:00:02.000Z"},\
                {"EventType":"SubOrchestrationInstanceCompleted","Result":10,"ScheduledTime":"1970-01-01T00:00:00.000Z",\
                "FunctionName":"Child","InstanceId":"child","Input":1,"Timestamp":"1970-01-01T00:00:03.000Z"},\
                {"EventType":"SubOrchestrationInstanceFailed","Reason":"no","Details":null,"FailureDetails":\
                {"ErrorType":"Boom","ErrorMessage":"no","StackTrace":null,"InnerFailure":null,"IsNonRetriable":false},\
                "ScheduledTime":"1970-01-01T00:00:01.000Z","FunctionName":"Child","InstanceId":"child","Input":2,\
                "Timestamp":"1970-01-01T00:00:04.000Z"}]
                """
        )
    }

    /// Task 1 failed and was tried again after a rewind; task 2 failed too, and its failure stands.
    @Test func whatARewindHasUndoneIsOnlyNamed() {
        let boom = Failure(type: "Boom", message: "no")
        let events: [HistoryEvent] = [
            .taskScheduled(task(1, "Pay", "1")), .taskScheduled(task(2, "Log", "2")), .taskFailed(TaskID(2), boom),
            .taskFailed(TaskID(1), boom), .executionFailed(boom),
            .executionRewound(reason: .json(#""again""#), undone: [2]), .taskScheduled(task(1, "Pay", "1")),
            .taskCompleted(TaskID(1), result: .json("true")), .executionCompleted(output: .null),
        ]
        let types = json(events).split(separator: #"{"EventType":"#).dropFirst().map { $0.prefix { $0 != "," } }
        #expect(
            types == [
                #""TaskFailed""#, #""GenericEvent""#, #""GenericEvent""#, #""ExecutionRewound""#, #""TaskCompleted""#,
                #""ExecutionCompleted""#,
            ]
        )
        #expect(json(events).contains(#"{"EventType":"GenericEvent","Reason":"Rewound: TaskFailed","Timestamp""#))
        #expect(json(events).contains(#"{"EventType":"GenericEvent","Reason":"Rewound: ExecutionCompleted""#))
    }

    /// Task 2 was under way while task 1 failed: the rewind sent it out again.
    @Test func whatWasUnderWayAtARewindIsShownOnce() {
        let events: [HistoryEvent] = [
            .taskScheduled(task(1, "Pay", "1")), .taskScheduled(task(2, "Pay", "2")),
            .taskFailed(TaskID(1), Failure(type: "Broke", message: "no")),
            .executionFailed(Failure(type: "Broke", message: "no")),
            .executionRewound(reason: .null, undone: [2, 3]), .taskScheduled(task(1, "Pay", "1")),
            .taskScheduled(task(2, "Pay", "2")),
        ]
        #expect(json(events).matches(of: /"TaskScheduled"/).count == 2)
        let answered = events + [.taskCompleted(TaskID(2), result: .null), .taskCompleted(TaskID(1), result: .null)]
        #expect(!json(answered).contains("TaskScheduled"))
    }

    @Test func whatIsOpenAfterARewindIsShownOnce() {
        let events: [HistoryEvent] = [
            .taskScheduled(task(1, "Pay", "1")), .taskFailed(TaskID(1), Failure(type: "Boom", message: "no")),
            .executionRewound(reason: .null, undone: [0]), .taskScheduled(task(1, "Pay", "1")),
        ]
        #expect(
            json(events) == """
                [{"EventType":"GenericEvent","Reason":"Rewound: TaskFailed","Timestamp":"1970-01-01T00:00:01.000Z"},\
                {"EventType":"ExecutionRewound","Reason":null,"Timestamp":"1970-01-01T00:00:02.000Z"},\
                {"EventType":"TaskScheduled","Name":"Pay","Timestamp":"1970-01-01T00:00:03.000Z"}]
                """
        )
    }

    @Test func anExecutionSaysHowItBegan() {
        var start = ExecutionStart(name: "Hello", input: .json("1"))
        start.generation = 2
        start.traits.startTime = Timestamp(milliseconds: 500)
        start.traits.tags = ["city": "Tokyo"]
        #expect(
            json([.executionScheduled(start), .executionStarted(start)], input: true) == """
                [{"EventType":"ExecutionStarted","Input":1,"Generation":2,\
                "ScheduledStartTime":"1970-01-01T00:00:00.500Z","FunctionName":"Hello",\
                "Timestamp":"1970-01-01T00:00:01.000Z"}]
                """
        )
    }

    @Test func whatTheCodeSentIsToldAndWhatTheEngineSentIsNot() throws {
        let counter = try EntityID("counter", "a")
        let signal = EntityRequest(.operation(name: "add", input: .json("5")))
        let events: [HistoryEvent] = [
            .messageSent(
                SentMessage(id: TaskID(1), to: .of("b"), action: .raiseEvent(name: "City", .json(#""Oslo""#)))
            ),
            .messageSent(SentMessage(id: TaskID(2), to: .of("c"), action: .start(orchestrator: "Hello", input: .null))),
            .messageSent(SentMessage(id: TaskID(3), to: counter.instance, action: .operate(signal))),
            .messageSent(SentMessage(id: TaskID(0), to: .of("d"), action: .terminate(reason: .null))),
            .taskScheduled(task(4, "get", "null", .entity(counter, section: nil))),
            .taskScheduled(task(5, "lock", "null", .lock([counter]))),
        ]
        #expect(
            json(events, input: true) == """
                [{"EventType":"EventSent","Name":"City","InstanceId":"b","Input":"Oslo","Timestamp":"1970-01-01T00:00:00.000Z"},\
                {"EventType":"SubOrchestrationInstanceCreated","Name":"Hello","InstanceId":"c","Input":null,\
                "Timestamp":"1970-01-01T00:00:01.000Z"},\
                {"EventType":"EntityOperationSignaled","Name":"add","InstanceId":"@counter@a","Input":5,\
                "Timestamp":"1970-01-01T00:00:02.000Z"},\
                {"EventType":"EntityOperationCalled","Name":"get","InstanceId":"@counter@a","Input":null,\
                "Timestamp":"1970-01-01T00:00:04.000Z"},\
                {"EventType":"EntityLockRequested","Name":"lock","LockSet":["@counter@a"],"Input":null,\
                "Timestamp":"1970-01-01T00:00:05.000Z"}]
                """
        )
    }
}

extension Payload {
    fileprivate static func json(_ text: String) -> Payload { Payload(trusted: Array(text.utf8)) }
}

extension InstanceID {
    fileprivate static func of(_ text: String) -> InstanceID { InstanceID(trusted: text) }
}
