import RepriseKernel
import Testing
import reprise_cli

@Suite struct HelloLedgerTests {
    @Test func keepsSoManyInFlight() {
        var ledger = HelloLedger(count: 5, concurrency: 2)
        #expect(ledger.launch(at: 100) == 0..<2)
        #expect(ledger.launch(at: 110) == 2..<2)
        ledger.end(1, isRight: true, revision: Revision(incarnation: 1, version: 5), at: 130)
        #expect(ledger.launch(at: 130) == 2..<3)
        ledger.end(0, isRight: true, revision: Revision(incarnation: 2, version: 5), at: 150)
        ledger.end(2, isRight: true, revision: Revision(incarnation: 3, version: 5), at: 150)
        #expect(ledger.launch(at: 150) == 3..<5)
        #expect(!ledger.isDone)
        ledger.end(3, isRight: true, revision: Revision(incarnation: 4, version: 5), at: 190)
        ledger.end(4, isRight: true, revision: Revision(incarnation: 5, version: 5), at: 200)
        #expect(ledger.isDone)
        #expect(ledger.launch(at: 200).isEmpty)
        #expect(ledger.duration == 100)
        #expect(ledger.latencies == [30, 50, 20, 40, 50])
    }

    @Test func tellsASecondEndFromARepeatedMessage() {
        var ledger = HelloLedger(count: 2, concurrency: 2)
        _ = ledger.launch(at: 0)
        ledger.end(0, isRight: false, revision: Revision(incarnation: 1, version: 5), at: 1)
        ledger.end(0, isRight: false, revision: Revision(incarnation: 1, version: 5), at: 2)
        #expect([ledger.wrong, ledger.repeated, ledger.ended] == [1, 0, 1])
        ledger.end(0, isRight: true, revision: Revision(incarnation: 9, version: 5), at: 3)
        #expect([ledger.wrong, ledger.repeated, ledger.ended] == [1, 1, 1])
        ledger.end(7, isRight: true, revision: Revision(incarnation: 1, version: 1), at: 4)
        #expect(ledger.ended == 1)
    }

    @Test func percentilesAreMeasuredValues() {
        let percentiles = Percentiles([40, 10, 30, 20])
        #expect(percentiles[50] == 20)
        #expect(percentiles[90] == 40)
        #expect(percentiles[100] == 40)
        #expect(percentiles[1] == 10)
        #expect(Percentiles([])[50] == 0)
    }

    @Test func report() throws {
        var ledger = HelloLedger(count: 2, concurrency: 2)
        _ = ledger.launch(at: 0)
        ledger.end(0, isRight: true, revision: Revision(incarnation: 1, version: 5), at: 2_000_000)
        ledger.end(1, isRight: true, revision: Revision(incarnation: 2, version: 5), at: 4_000_000)
        let report = HelloReport(ledger: ledger, hub: try HubName("h"), place: "b:1", confirmsPerSecond: 20_000)
        #expect(report.problem == nil)
        #expect(
            report.lines == [
                "E1_HelloSequence on hub 'h' at b:1",
                "  orchestrations  2, 2 at a time; each completed once, with the right output",
                "  throughput      500 orchestrations/s, in 0.00 s",
                "  latency         p50 2.0 ms   p90 4.0 ms   p99 4.0 ms   max 4.0 ms",
                "  broker alone    20,000 confirmed publishes/s (1 KiB, quorum queue, 500 in flight)",
                "                  = 40.0 for each orchestration",
            ]
        )
        ledger.end(1, isRight: true, revision: Revision(incarnation: 3, version: 5), at: 5)
        let bad = HelloReport(ledger: ledger, hub: try HubName("h"), place: "b:1", confirmsPerSecond: 1)
        #expect(bad.problem == "0 ended without the right output, 1 ended more than once")
    }
}
