import Reprise
import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTesting
import Testing

/// The command that sends again what one instance waits for.
extension ResendTests {
    @Test func aCommandSendsAgainWhatOneInstanceWaitsFor() throws {
        let rig = try rig()
        try rig.send(.start("f", "FanOut", count: 5), .start("h", "Hello"))
        let before = rig.takeTasks()
        try rig.loseMessages()
        #expect(count(try rig.send(.resend("f"))) == [5])
        #expect(rig.takeTasks() == before.filter { $0.instance.value == "f" })
        try rig.advance(by: .seconds(29))
        #expect(rig.takeTasks().isEmpty, "once")
        try rig.handle(
            before.filter { $0.instance.value == "f" }.map {
                .result(
                    TaskResult(instance: $0.instance, token: $0.token, outcome: TestOrchestrators.outcome(of: $0.task))
                )
            }
        )
        #expect(try rig.status("f")?.runtimeStatus == .completed)
        #expect(try rig.send(.resend("f"), .resend("nobody")).map(\.word) == ["Ended", "UnknownInstance"])
        #expect(
            count(try rig.send(.start("p", "Patient", tag: "p"), .resend("p"))) == [nil, 0],
            "it waits for an event"
        )
    }

    @Test func aCommandAsksWhoHasALock() throws {
        let rig = try rig()
        try rig.send(.start("k", "Keeper", tag: "k"))
        try rig.passOn()
        #expect(count(try rig.send(.resend("@account@a"))) == [1])
        try rig.passOn()
        try rig.send(.operate("@account@a", "add", "1"))
        #expect(try balance(rig, "a") == "null", "who has it keeps it")
        try rig.send(.event("k", "go", #""now""#))
        try rig.loseMessages()
        #expect(count(try rig.send(.resend("@account@a"), .resend("@account@b"))) == [1, 1])
        try rig.passOn()
        #expect(try balance(rig, "a") == "1")
    }

    /// What waits to be tried again anyway goes at once.
    @Test func whatTheBrokerReturnedGoesAtOnce() throws {
        let rig = try rig()
        try rig.send(.start("h", "Hello"))
        let task = try #require(rig.published.first { if case .task = $0.message { true } else { false } })
        for _ in 0..<8 {
            try rig.handle(
                [],
                settlements: [OutboundSettlement(number: task.number, outcome: .undeliverable(reason: "returned"))]
            )
        }
        let before = rig.published.count
        #expect(count(try rig.send(.resend("h"))) == [1])
        #expect(rig.published[before...].map(\.number) == [task.number])
        #expect(rig.journal.state.retries[task.number]?.attempts == 8)
    }

    /// What was on its way when the broker lost everything was passed over, and went out without asking again: a
    /// receiver that had done it took it for a repeat, and said nothing.
    @Test func whatIsOnItsWayAsksAgain() throws {
        let rig = try rig()
        try rig.send(.start("a", "AccountAsker", Order(tag: "x", count: 5)))
        // It is taken and answered, and neither the confirm nor the answer comes.
        try rig.passOn(rounds: 1)
        let asked = try #require(rig.published.first { if case .command = $0.message { true } else { false } })
        rig.loseUnconfirmed()
        try rig.restart(epochs: JournalPosition.epochsOfALostLog)
        try goOn(rig)
        try rig.confirmAll()
        try goOn(rig)
        #expect(rig.published.filter { $0.number == asked.number }.count >= 2)
        try rig.settle()
        #expect(try rig.output("a") == "5")
        #expect(try balance(rig, "x") == "5", "it was added once")
    }

    /// A queue that refused what was sent again had it forgotten that it was.
    @Test func whatIsRefusedStillAsksAgain() throws {
        let rig = try rig()
        try rig.send(.start("a", "AccountAsker", Order(tag: "x", count: 5)))
        try rig.passOn(rounds: 1)
        try rig.wipeBroker()
        let before = rig.published.count
        try goOn(rig, steps: 1)
        let again = try #require(
            rig.published[before...].first { if case .command = $0.message { true } else { false } }
        )
        let refused = OutboundSettlement(number: again.number, outcome: .refused(reason: "full"))
        try rig.handle([], settlements: [refused])
        rig.loseUnconfirmed()
        try rig.restart()
        try rig.advance(by: .seconds(1))
        try rig.settle()
        #expect(try rig.output("a") == "5")
    }

    /// Asked for while a plain try of it was on its way, it was forgotten with that try's confirm.
    @Test func whatIsTriedAgainJustNowAsksAgain() throws {
        let rig = try rig()
        try rig.send(.start("a", "AccountAsker", Order(tag: "x", count: 5)))
        // It is taken and answered; the confirm does not come, and the answer is lost.
        try rig.passOn(rounds: 1)
        let asked = try #require(rig.published.first { if case .command = $0.message { true } else { false } })
        rig.loseUnconfirmed()
        let late = OutboundSettlement(number: asked.number, outcome: .unconfirmed(reason: "late"))
        try rig.handle([], settlements: [late])
        try rig.advance(by: .seconds(1))
        try rig.passOn(rounds: 1)
        // What asks again is not sent while the number is under way.
        try rig.send(.resend("a"))
        try rig.advance(by: .milliseconds(1))
        rig.loseUnconfirmed()
        try rig.handle([], settlements: [OutboundSettlement(number: asked.number, outcome: .confirmed)])
        try goOn(rig, steps: 3)
        try rig.settle()
        #expect(try rig.output("a") == "5")
        #expect(try balance(rig, "x") == "5", "it was added once")
    }

    /// The answer waited in the retry table; a caller that asked again was told meanwhile that it was lost.
    @Test func anAnswerThatWaitsForItsQueueIsNotLost() throws {
        let rig = try rig()
        try rig.send(.start("a", "AccountAsker", Order(tag: "x", count: 5)))
        try rig.passOn(rounds: 1)
        let answer = try #require(rig.published.last { if case .result = $0.message { true } else { false } })
        try rig.handle([], settlements: [OutboundSettlement(number: answer.number, outcome: .refused(reason: "full"))])
        rig.loseUnconfirmed()
        try rig.send(.operate("@account@x", "add", "1"), .resend("a"))
        try goOn(rig, steps: 3)
        try rig.passOn(rounds: 1)
        let lost = rig.published.contains {
            if case .result(let result) = $0.message, case .failed = result.outcome { true } else { false }
        }
        #expect(!lost)
        try rig.advance(by: .seconds(1))
        try rig.settle()
        #expect(try rig.output("a") == "5")
    }
}
