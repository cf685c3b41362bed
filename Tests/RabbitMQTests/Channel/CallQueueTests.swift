import CRabbitMQ
import Testing

@testable import RabbitMQ

@Suite struct CallQueueTests {
    var calls = CallQueue<String>()

    func describe(_ answer: CallQueue<String>.Answer) -> String {
        switch answer {
        case .completes(let call): "completes \(call.token ?? "nobody")"
        case .comesTooLate: "comes too late"
        case .isUnexpected: "is unexpected"
        }
    }

    @Test mutating func oneIsUnderWayTheOthersWait() {
        calls.add(.purgeQueue("a"), token: "first", deadline: 10)
        calls.add(.setPrefetch(1), token: "second", deadline: 10)
        #expect(calls.start() != nil)
        #expect(calls.start() == nil)
        #expect(describe(calls.answer(RMQ_FRAME_QOS_OK)) == "is unexpected")
        #expect(describe(calls.answer(RMQ_FRAME_QUEUE_PURGE_OK)) == "completes first")
        #expect(calls.start() != nil)
        #expect(describe(calls.answer(RMQ_FRAME_QOS_OK)) == "completes second")
        #expect(calls.isEmpty)
        #expect(describe(calls.answer(RMQ_FRAME_QOS_OK)) == "is unexpected")
    }

    // The broker answers in order and names no question: a call that took the late answer of the one before it would
    // believe that its own queue exists.
    @Test mutating func aLateAnswerIsNotTakenForTheNext() {
        calls.add(.purgeQueue("a"), token: "slow", deadline: 10)
        _ = calls.start()
        #expect(calls.expire(now: 10).map(\.token) == ["slow"])
        calls.add(.purgeQueue("b"), token: "next", deadline: 30)
        #expect(calls.start() == nil)
        #expect(describe(calls.answer(RMQ_FRAME_QUEUE_PURGE_OK)) == "comes too late")
        #expect(calls.start() != nil)
        #expect(describe(calls.answer(RMQ_FRAME_QUEUE_PURGE_OK)) == "completes next")
    }

    @Test mutating func whatWaitsExpiresToo() {
        calls.add(.purgeQueue("a"), token: "first", deadline: 30)
        calls.add(.purgeQueue("b"), token: "second", deadline: 20)
        _ = calls.start()
        #expect(calls.nextDeadline == 20)
        #expect(calls.expire(now: 20).map(\.token) == ["second"])
        #expect(calls.nextDeadline == 30)
        #expect(calls.expire(now: 30).map(\.token) == ["first"])
        #expect(calls.expire(now: 40).isEmpty)
        #expect(calls.nextDeadline == nil)
    }

    // A lock lives as long as its channel: a close that was never sent left a lock that belonged to no one.
    @Test mutating func aCloseIsSentAlthoughNobodyWaitsForItAnyMore() {
        calls.add(.purgeQueue("a"), token: "slow", deadline: 10)
        calls.add(.closeChannel, token: "close", deadline: 20)
        _ = calls.start()
        #expect(calls.expire(now: 20).map(\.token) == ["slow", "close"])
        #expect(calls.expire(now: 30).isEmpty)
        #expect(calls.nextDeadline == nil)
        #expect(describe(calls.answer(RMQ_FRAME_QUEUE_PURGE_OK)) == "comes too late")
        guard case .closeChannel? = calls.start() else {
            Issue.record("the channel is never closed")
            return
        }
    }

    @Test mutating func theEndTellsEverybodyOnce() {
        calls.add(.purgeQueue("a"), token: "first", deadline: 10)
        calls.add(.purgeQueue("b"), token: "second", deadline: 10)
        _ = calls.start()
        #expect(calls.giveUp().map(\.token) == ["first", "second"])
        #expect(calls.giveUp().isEmpty)
        #expect(describe(calls.answer(RMQ_FRAME_QUEUE_PURGE_OK)) == "comes too late")
        #expect(calls.removeAll().isEmpty)
    }

    @Test mutating func aFetchHasTwoAnswers() {
        for answer in [RMQ_FRAME_GET_EMPTY, RMQ_FRAME_GET_OK] {
            calls.add(.get("q", noAck: false), token: "get", deadline: 10)
            _ = calls.start()
            #expect(describe(calls.answer(answer)) == "completes get")
        }
    }
}
