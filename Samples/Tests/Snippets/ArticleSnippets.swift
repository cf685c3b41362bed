import Foundation
import Reprise
import RepriseClient
import RepriseNode
import RepriseTesting
import Testing

@testable import reprise_samples

/// The code of articles and the README that is not part of a sample: as it stands there, so that it compiles.
private enum ArticleSnippets {
    static func client() async throws {
        let client = try RepriseClient("http://127.0.0.1:7071")
        let trip = try await client.start("CityRecommender", 2, options: StartOptions(tags: ["team": "travel"]))
        for try await status in client.statuses(of: trip) {
            guard let city = try status.customStatus(as: Recommendation.self)?.recommendedCities.first else { continue }
            try await client.raiseEvent("CitySelected", city, to: trip)
            break
        }
        print(try await client.result(of: trip, as: String.self, timeout: .seconds(30)))
    }

    static func handle(_ client: RepriseClient, number: Int) async throws {
        let trip = try await client.start(CityRecommender.self, 2, id: "trip-\(number)")
        for try await status in trip.statuses {
            guard let city = try status.customStatus?.recommendedCities.first else { continue }
            try await trip.raise(CitySelected(city: city))
            break
        }
        let city = try await trip.result(timeout: .seconds(30))
        print(city)
    }

    static func schedule(_ client: RepriseClient, monday: Date, sunday: Date) async throws {
        let nightly = Schedule(
            cron: "30 2 * * *",
            timeZone: "Europe/Berlin",
            overlap: .skip,
            jitterSeconds: 300,
            catchUpSeconds: 3600,
            name: Welcome.name,
            input: "night owl"
        )
        try await client.start(Schedule.orchestrator, nightly, id: "nightly")

        try await client.raise(Schedule.Pause(note: "the warehouse is closed"), to: "nightly")
        try await client.raise(Schedule.Trigger(), to: "nightly")
        try await client.raise(Schedule.Unpause(), to: "nightly")
        try await client.raise(Schedule.Backfill(from: monday, to: sunday), to: "nightly")
    }

    static func node() async {
        await Node(
            orchestrators: [HelloSequence()],
            activities: [SayHello()],
            configuration: .fromEnvironment()
        ).runUntilSignalled()
    }

    static func waiting(_ context: OrchestrationContext, user: JSON) async throws {
        async let discount = context.call(CalculateDiscount.self, user)
        let confirmed: Bool = try await context.waitForEvent("BookingConfirmed", timeout: .seconds(60))
        print(try await discount, confirmed)
    }

    static func approval(_ context: OrchestrationContext) async throws {
        let approved: Bool
        do {
            approved = try await context.waitForEvent("Approval", timeout: .days(3))
        } catch is EventTimeout {
            approved = false
        }
        print(approved)
    }

    static func cleaningUp(_ context: OrchestrationContext, order: PatternOrder) async throws {
        do {
            try await context.call(Ship.self, order)
        } catch is CancellationError where context.isCancellationRequested {
            try await context.call(Refund.self, order)
            throw CancellationError()
        }
    }

    private struct Ship: Activity {
        func run(_ context: ActivityContext, input order: PatternOrder) async throws {}
    }

    private struct Refund: Activity {
        func run(_ context: ActivityContext, input order: PatternOrder) async throws {}
    }

    struct Subscription: Orchestrator {
        static let gracePeriod = Duration.days(2)

        func run(_ context: OrchestrationContext, input customer: String) async throws {
            try await context.sleep(for: .days(365))
        }
    }

    typealias Recommendation = CityRecommender.Recommendation
}

private struct Shipping: Orchestrator {
    struct Status: Codable {
        var stage: String
        var packed: Int
    }

    func run(_ context: OrchestrationContext, input boxes: Int) async throws -> Int {
        try setStatus(Status(stage: "packing", packed: 0), in: context)
        for box in 1...boxes {
            try await context.call(Pack.self, box)
            try updateStatus(in: context) { $0.packed = box }
        }
        try updateStatus(in: context) { $0.stage = "sent" }
        return boxes
    }
}

private struct Pack: Activity {
    func run(_ context: ActivityContext, input box: Int) async throws {}
}

private struct Fulfilment: Orchestrator {
    struct Order: Codable { var item: String }

    func run(_ context: OrchestrationContext, input round: Int) async throws {
        let order: Order = try await context.waitForEvent("Order")
        try await context.call(Fulfil.self, order)
        try context.continueAsNew(round + 1)
    }
}

private struct Fulfil: Activity {
    func run(_ context: ActivityContext, input order: Fulfilment.Order) async throws {}
}

/// The article's own event, beside the samples' one of this name.
private enum Rules {
    struct Approval: ExternalEvent {
        var by: String
        var isGranted: Bool
    }

    struct Purchase: Orchestrator {
        static let events: [any ExternalEvent.Type] = [Approval.self]

        func run(_ context: OrchestrationContext, input order: String) async throws -> Bool {
            try await context.wait(for: Approval.self, timeout: .days(3)).isGranted
        }
    }
}

@Suite("The first test of the guide")
struct GettingStartedTests {
    @Test func hello() async throws {
        let hub = try TestHub(orchestrators: [HelloSequence()], activities: [SayHello()])
        let hello = try await hub.start(HelloSequence.self, nil, id: "hello-1")
        #expect(try await hello.result() == ["Hello Tokyo!", "Hello Seattle!", "Hello London!"])
    }
}
