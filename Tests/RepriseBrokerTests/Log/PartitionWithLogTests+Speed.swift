import RabbitMQ
import RepriseEngine
import RepriseKernel
import RepriseTestSupport
import Testing

@testable import RepriseBroker

extension PartitionWithLogTests {
    @Test("Appending: how long it takes, alone and beside what the partition sends")
    func latency() async throws {
        try await LiveHub.with(partitions: 1) { test in
            let owner = LoggingOwner(test.hub)
            let link = LinkHolder()
            try await test.running([test.contender(owner, keepsLog: true)]) {
                try await until("the owner") { owner.isTaken }
                let idle = try await durations(of: 500, owner)
                let sender = try #require(owner.link)
                link.isBusy = true
                async let flood: Void = onThread {
                    var number: Int64 = 0
                    while link.isBusy {
                        let messages = (1...500).map {
                            Outbound(
                                number: OutboundNumber(rawValue: number + $0),
                                epoch: 1,
                                message: .status(.make(.started))
                            )
                        }
                        sender.publish(messages)
                        number += 500
                        link.pace()
                    }
                }
                let busy = try await durations(of: 500, owner)
                link.isBusy = false
                try await flood
                // All at once, as a recovery publishes again what was unconfirmed; and the next segment is made meanwhile.
                sender.publish((1...10_000).map { Outbound(number: $0, epoch: 1, message: .status(.make(.started))) })
                owner.log?.prepare(segment: 2)
                let behind = try await onThread {
                    try ContinuousClock().measure { try owner.commitNow("behind") }
                }
                print("append: behind 10,000 publications, while a stream is made: \(behind)")
                #expect(behind < .seconds(2))
                print("append: idle \(Self.figures(idle)); beside 10,000 publications a second \(Self.figures(busy))")
                #expect(idle[idle.count / 2] < .milliseconds(20))
                #expect(busy[busy.count / 2] < .milliseconds(200))
            }
        }
    }

    private func durations(of count: Int, _ owner: LoggingOwner) async throws -> [Duration] {
        try await onThread {
            try (0..<count).map { number in try ContinuousClock().measure { try owner.commitNow("word\(number)") } }
                .sorted()
        }
    }

    private static func figures(_ sorted: [Duration]) -> String {
        "median \(sorted[sorted.count / 2]), p99 \(sorted[sorted.count * 99 / 100])"
    }
}
