import ArgumentParser
import RepriseBroker
import RepriseKernel

struct BenchHelloCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hello",
        abstract: "Run many E1_HelloSequence, and measure throughput and latency.",
        discussion: """
            Publishes start messages as any publisher would and listens to the status
            exchange for their ends. Latency is the time from publishing the start to
            hearing 'OrchestrationCompleted'. Each instance must complete exactly once
            with the right output; exit code 1 when one does not. For comparison, it also
            measures what the broker alone confirms: 1 KiB persistent messages into a quorum
            queue of their own, 500 unconfirmed at a time.

            The instances stay in the hub; their ids begin with 'bench-'. Measure release
            builds only.

            EXAMPLES
              reprise bench hello
              reprise bench hello --concurrency 500 --count 20000 --json
            """
    )

    @Option(help: ArgumentHelp("How many to run at a time.", valueName: "count"))
    var concurrency = 100

    @Option(help: ArgumentHelp("How many to measure.", valueName: "count"))
    var count = 3_000

    @Option(help: ArgumentHelp("How many to run first, unmeasured.", valueName: "count"))
    var warmup = 200

    @Option(help: ArgumentHelp("Give up when none has completed for this long. Exit code 3.", valueName: "seconds"))
    var timeout = 30.0

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var hub: HubOptions

    func validate() throws {
        guard (1...10_000).contains(concurrency) else {
            throw ValidationError("--concurrency must be from 1 to 10000")
        }
        guard (1...10_000_000).contains(count) else { throw ValidationError("--count must be from 1 to 10000000") }
        guard (0...10_000_000).contains(warmup) else {
            throw ValidationError("--warmup must be from 0 to 10000000")
        }
        try Timeout.check(timeout)
    }

    func run() async throws {
        let access = try await hub.access()
        let run = String(RandomName.make().prefix(8))
        try await probe(access, "bench-\(run)-first")
        let broker = try await ConfirmRate(access: access).measure()
        if warmup > 0 { _ = try await measure("bench-\(run)-w", count: warmup, access, saying: "warming up") }
        let ledger = try await measure("bench-\(run)-", count: count, access, saying: "measuring")
        LiveLine.clearAll()
        let report = HelloReport(
            ledger: ledger,
            hub: access.hub,
            place: access.endpoint.place,
            confirmsPerSecond: broker
        )
        if json {
            Output.line(report.json.bytes)
        } else {
            for line in report.lines { Output.line(line) }
        }
        if let problem = report.problem { throw CommandFailure(.failed, problem) }
    }

    /// A request that is answered, so that a hub without the sample replies with its own error.
    private func probe(_ access: HubAccess, _ id: String) async throws {
        try await access.send(
            .start(orchestrator: HelloRun.orchestrator, input: .null),
            to: InstanceID(trusted: id)
        )
    }

    private func measure(_ prefix: String, count: Int, _ access: HubAccess, saying what: String) async throws
        -> HelloLedger
    {
        let ledger = HelloLedger(count: count, concurrency: concurrency)
        return try await HelloRun(access: access, prefix: prefix, timeout: .seconds(timeout))
            .run(ledger) { done in
                LiveLine().show(
                    "\(what)  \(Bar.draw(done, of: count, width: 30))  \(Amount.count(done)) of \(Amount.count(count))"
                )
            }
    }
}
