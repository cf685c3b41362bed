import ArgumentParser
import Foundation
import Logging
import RepriseHosting
import RepriseKernel
import RepriseStatus

struct BenchStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Make a read model of many instances, and measure lists and counts.",
        discussion: """
            Needs no broker: the instances are made up, the same ones every time, and go
            into a new read model the way a rebuild fills it. Then an index of
            customStatus.stage is added, and each search runs repeatedly; reported are the
            median, the 90th percentile, the rows of a page or the groups of a count, and
            SQLite's plan. Measure release builds only.

            The read model is deleted at the end, unless --data names a directory to keep it
            in; the next run measures it as it is.

            EXAMPLES
              reprise bench status --count 1000000
              reprise bench status --data big && reprise gateway --data big
            """
    )

    @Option(help: ArgumentHelp("How many instances.", valueName: "count"))
    var count = 1_000_000

    @Option(help: ArgumentHelp("How often to run each search.", valueName: "count"))
    var rounds = 21

    @Option(help: ArgumentHelp("Where to create the read model, and keep it.", valueName: "directory"))
    var data: String?

    func validate() throws {
        guard (1...100_000_000).contains(count) else {
            throw ValidationError("--count must be from 1 to 100000000")
        }
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 1000") }
    }

    func run() async throws {
        let place = data ?? FileManager.default.temporaryDirectory.appending(path: "bench-\(RandomName.make())").path
        defer { if data == nil { try? FileManager.default.removeItem(atPath: place) } }
        let lock = try DirectoryLock(place, of: .gateway)
        defer { lock.release() }
        let now = Timestamp.now
        let hub = MadeUpHub(hub: try HubName("default"), count: count, now: now)
        var limits = SearchLimits()
        limits.time = .seconds(600)
        let model = try StatusModel(
            directory: place,
            hub: hub.hub,
            partitionCount: hub.partitionCount,
            searchLimits: limits
        )
        if try await model.count().total == 0 { try await fill(model, from: hub) }
        Output.line("reads    \(Amount.of(try await model.count().total, "instance"))")
        try await measure(model, now)
    }

    private func fill(_ model: StatusModel, from hub: MadeUpHub) async throws {
        let start = ContinuousClock.now
        let display = RebuildDisplay(expected: hub.instancesOfEach)
        var logger = Logger(label: "reprise")
        logger.logLevel = .warning
        let projector = StatusProjector(model: model, client: hub, logger: logger)
        try await projector.rebuild { display.show($0) }
        let total = display.finish()
        let time = ContinuousClock.now - start
        Output.line(
            "filled   \(Amount.of(total, "instance")) in \(Amount.duration(time)), "
                + "\(Amount.count(Int(Double(total) / time.seconds)))/s"
        )
    }

    private func measure(_ model: StatusModel, _ now: Timestamp) async throws {
        let stage = "customStatus.stage"
        _ = try await model.removeIndex(of: StatusField(parsing: stage))
        // Without the index every row is read: one run is enough to see it.
        let slow = try await SearchMeasurement.count(
            "count by stage, without an index",
            model,
            by: stage,
            now: now,
            rounds: 1
        )
        let start = ContinuousClock.now
        _ = try await model.addIndex(of: StatusField(parsing: stage))
        Output.line("indexed  \(stage) in \(Amount.duration(ContinuousClock.now - start))")
        Output.line("")
        Output.line("    median         p90   rows  search; SQLite's plan")
        for line in slow.lines { Output.line(line) }
        for search in Self.searches {
            for line in try await search.measurement(model, now, rounds).lines { Output.line(line) }
        }
    }

    private struct Search {
        var name: String
        var expression: String?
        var order = "instanceId"
        var page = 1
        var group: String?

        func measurement(_ model: StatusModel, _ now: Timestamp, _ rounds: Int) async throws -> SearchMeasurement {
            if let group {
                return try await .count(name, model, expression, by: group, now: now, rounds: rounds)
            }
            return try await .list(
                name,
                model,
                expression,
                orderedBy: order,
                page: page,
                now: now,
                rounds: rounds
            )
        }
    }

    private static let topLevel = "not parentInstanceId exists"

    private static let searches = [
        Search(name: "list"),
        Search(name: "list, page 100", page: 100),
        Search(name: "list, orderBy createdTime desc, page 100", order: "createdTime desc", page: 100),
        Search(name: "list, orderBy customStatus.stage, page 100", order: "customStatus.stage", page: 100),
        // As the page asks.
        Search(
            name: "list, top level, orderBy createdTime desc",
            expression: topLevel,
            order: "createdTime desc"
        ),
        Search(name: "list, orderBy lastUpdatedTime desc, page 100", order: "lastUpdatedTime desc", page: 100),
        Search(
            name: "list, runtimeStatus == Failed, top level, orderBy createdTime desc, page 100",
            expression: "runtimeStatus == Failed and \(topLevel)",
            order: "createdTime desc",
            page: 100
        ),
        Search(
            name: "list, name == 'Nobody', orderBy createdTime desc (reads an index)",
            expression: "name == 'Nobody' and \(topLevel)",
            order: "createdTime desc"
        ),
        Search(name: "count by runtimeStatus, top level", expression: topLevel, group: "runtimeStatus"),
        Search(
            name: "count by runtimeStatus, name == 'Refund', top level",
            expression: "name == 'Refund' and \(topLevel)",
            group: "runtimeStatus"
        ),
        Search(name: "list, customStatus.stage == 'lost'", expression: "customStatus.stage == 'lost'"),
        Search(
            name: "list, customStatus.stage == 'lost', orderBy createdTime desc",
            expression: "customStatus.stage == 'lost'",
            order: "createdTime desc"
        ),
        Search(
            name: "list, customStatus.recommendedCities has 'Tokyo' and runtimeStatus == Running",
            expression: "customStatus.recommendedCities has 'Tokyo' and runtimeStatus == Running"
        ),
        Search(name: "list, tags.region == 'eu'", expression: "tags.region == 'eu'"),
        Search(name: "list, name == 'Refund' and age > 1d", expression: "name == 'Refund' and age > 1d"),
        Search(
            name: "list, customStatus.note == 'none has this' (reads all)",
            expression: "customStatus.note == 'none has this'"
        ),
        Search(name: "count by customStatus.stage", group: "customStatus.stage"),
        Search(
            name: "count by customStatus.stage, runtimeStatus == Running",
            expression: "runtimeStatus == Running",
            group: "customStatus.stage"
        ),
        Search(name: "count by runtimeStatus", group: "runtimeStatus"),
        Search(name: "count by name", group: "name"),
    ]
}
