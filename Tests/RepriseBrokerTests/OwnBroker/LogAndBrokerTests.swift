import Logging
import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Synchronization
import Testing

@testable import RepriseBroker

@Suite("Logs, and brokers that die", .serialized, .timeLimit(.minutes(3)))
struct LogAndBrokerTests {
    private let zero = PartitionNumber(0)

    @Test("A broker that is killed while records are appended loses none that it had confirmed")
    func killed() async throws {
        try await OwnBroker.with("log-kill") { broker, endpoint in
            try await LiveHub.with(partitions: 1, at: endpoint) { test in
                let owner = LoggingOwner(test.hub)
                // Real time: a stream must be old enough before it is trusted.
                try await test.running([test.contender(owner, keepsLog: true, timing: LogTiming())]) {
                    try await until("the owner") { owner.isTaken }
                    var confirmed: [String] = []
                    for round in 1...2 {
                        let word = Mutex(0)
                        async let appended: [String] = onThread {
                            var words: [String] = []
                            while true {
                                let number = word.withLock { number in
                                    number += 1
                                    return number
                                }
                                do { try owner.commitNow("r\(round)-\(number)") } catch { return words }
                                words.append("r\(round)-\(number)")
                            }
                        }
                        // In the middle of it, and of a replacement of the record.
                        try await until("some records") { word.withLock { $0 } > 200 }
                        try await broker.kill()
                        confirmed += try await appended
                        try await broker.start()
                        try await until("the owner again", within: .seconds(60)) { owner.isTaken }
                        #expect(Array(owner.words.filter(Set(confirmed).contains)) == confirmed)
                        #expect(owner.readings.allSatisfy { !$0 })
                        // A broker that starts may know its streams a moment later than the rest: that does not mean a
                        // lost log.
                        #expect(owner.pointer?.segment == 1)
                    }
                    try await owner.commit("after")
                }
                // A disk less, and all is still there.
                let words = owner.words
                let other = LoggingOwner(test.hub)
                try await test.running([test.contender(other, keepsLog: true)]) {
                    try await until("the owner") { other.isTaken }
                    #expect(other.words == words)
                }
            }
        }
    }

    @Test("A broker that is wiped under running nodes gets its hub again, and the log, from the journal")
    func wiped() async throws {
        try await OwnBroker.with("log-wipe") { broker, endpoint in
            try await LiveHub.with(partitions: 1, at: endpoint) { test in
                let (first, empty) = (LoggingOwner(test.hub), LoggingOwner(test.hub))
                let policy = TestPolicy()
                try await test.running([
                    test.contender(first, policy, keepsLog: true), test.forwarder().run,
                ]) {
                    try await until("the owner") { first.isTaken }
                    for word in ["one", "two"] { try await first.commit(word) }
                    try await broker.wipe()
                    try await broker.start(["--port", "\(endpoint.configuration.port)"])
                    try await until("the owner again", within: .seconds(60)) { first.isTaken }
                    #expect(first.words == ["one", "two"])
                    #expect(policy.bootstraps == 2)
                    try await first.commit("three")
                    // The intake, too.
                    let live = try await endpoint.open(for: "a stranger")
                    try await until("the intake", within: .seconds(30)) {
                        try await live.connection.existingQueue(test.names.intake)?.consumerCount == 1
                    }
                    await live.connection.close()
                }
                let live = try await endpoint.open(for: "another stranger")
                #expect(try await live.connection.existingQueue(test.names.log(zero, segment: 2)) != nil)
                await live.connection.close()
                try await test.running([test.contender(empty, keepsLog: true)]) {
                    try await until("the owner") { empty.isTaken }
                    #expect(empty.words == ["one", "two", "three"])
                }
            }
        }
    }
}
