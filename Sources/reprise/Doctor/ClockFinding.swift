package import RepriseKernel

/// What a partition says about its owner's wall clock.
package enum ClockFinding {
    /// Synchronized clocks differ by less.
    private static let worthSaying = Duration.seconds(5)

    /// Nil while wall clock and recorded time agree.
    package static func of(_ health: PartitionHealth) -> Finding? {
        let isBehind = health.clockDifference < .zero
        let difference = isBehind ? .zero - health.clockDifference : health.clockDifference
        guard difference >= worthSaying else { return nil }
        let what =
            isBehind
            ? "behind its recorded time, which runs a little slower until then: what goes by the calendar comes early"
            : "ahead of its recorded time: what goes by the calendar comes late until the clock has shown this for a minute"
        return .note(
            "partition \(health.partition)",
            "the wall clock of \(health.node) is \(difference.components.seconds) s \(what). See whether the clocks of the "
                + "hub's machines are synchronized"
        )
    }
}
