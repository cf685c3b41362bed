package import RepriseKernel

/// The result of a run, as text and as JSON.
package struct HelloReport: Sendable {
    private let ledger: HelloLedger
    private let hub: HubName
    private let place: String
    private let confirmsPerSecond: Double
    private let latencies: Percentiles

    package init(ledger: HelloLedger, hub: HubName, place: String, confirmsPerSecond: Double) {
        self.ledger = ledger
        self.hub = hub
        self.place = place
        self.confirmsPerSecond = confirmsPerSecond
        latencies = Percentiles(ledger.latencies)
    }

    private static let percentiles: [(name: String, percent: Double)] = [
        ("p50", 50), ("p90", 90), ("p99", 99), ("max", 100),
    ]

    private var seconds: Double { Double(ledger.duration) / 1e9 }
    private var rate: Double { Double(ledger.count) / seconds }

    /// A sentence when something is wrong.
    package var problem: String? {
        guard ledger.wrong + ledger.repeated > 0 else { return nil }
        return "\(ledger.wrong) ended without the right output, \(ledger.repeated) ended more than once"
    }

    package var lines: [String] {
        let verdict = problem ?? "each completed once, with the right output"
        let shown = Self.percentiles.map { "\($0.name) \(Amount.fixed(milliseconds($0.percent), 1)) ms" }
        return [
            "E1_HelloSequence on hub '\(hub)' at \(place)",
            "  orchestrations  \(Amount.count(ledger.count)), \(Amount.count(ledger.concurrency)) at a time; \(verdict)",
            "  throughput      \(Amount.count(Int(rate))) orchestrations/s, in \(Amount.fixed(seconds, 2)) s",
            "  latency         \(shown.joined(separator: "   "))",
            "  broker alone    \(Amount.count(Int(confirmsPerSecond))) confirmed publishes/s (1 KiB, quorum queue, 500 in flight)",
            "                  = \(Amount.fixed(confirmsPerSecond / rate, 1)) for each orchestration",
        ]
    }

    package var json: JSONObject {
        var latency = JSONObject()
        for (name, percent) in Self.percentiles { latency.add(name, milliseconds(percent)) }
        var object = JSONObject()
        object.add("benchmark", "hello")
        object.add("hub", hub.value)
        object.add("broker", place)
        object.add("count", ledger.count)
        object.add("concurrency", ledger.concurrency)
        object.add("seconds", seconds)
        object.add("orchestrationsPerSecond", rate)
        object.add("latencyMilliseconds", latency)
        object.add("wrong", ledger.wrong)
        object.add("repeated", ledger.repeated)
        object.add("brokerConfirmsPerSecond", confirmsPerSecond)
        return object
    }

    private func milliseconds(_ percent: Double) -> Double { Double(latencies[percent]) / 1e6 }
}
