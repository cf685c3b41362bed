package import RepriseKernel

/// How far the wall clock of a machine is trusted.
package struct ClockTrust: Sendable {
    /// A smaller jump is trusted at once.
    package var tolerance = Duration.seconds(2)
    /// How long a larger jump must last before it is trusted.
    package var jumpMustLast = Duration.seconds(60)
    /// How long a partition may have had no owner; nil for any time, which then also counts for deletions.
    package var longestAbsence: Duration? = .seconds(30 * 24 * 3600)

    package init() {}
}

/// A machine's wall clock, compared with its boot clock, which cannot be set.
///
/// A jump of one against the other is trusted only once it has lasted: most mistakes are corrected within seconds.
/// Offsets are how far the wall clock is ahead of the boot clock: they stay constant as long as it is not set.
package struct WallWatch: Sendable {
    let trust: ClockTrust
    private(set) var believed: Duration
    private(set) var shown: Duration
    private(set) var steady: Duration
    private var jump: (offset: Duration, since: Duration)?

    package init(wall: Timestamp, steady: Duration, trust: ClockTrust) {
        self.trust = trust
        self.steady = steady
        shown = wall.sinceEpoch - steady
        believed = shown
    }

    init(_ environment: PartitionEnvironment, _ trust: ClockTrust) {
        self.init(wall: environment.wallClock(), steady: environment.steadyClock(), trust: trust)
    }

    mutating func read(wall: Timestamp, steady: Duration) {
        self.steady = max(self.steady, steady)
        shown = wall.sinceEpoch - self.steady
        if shown.isWithin(trust.tolerance, of: believed) {
            believed = shown
            jump = nil
        } else if let jump, shown.isWithin(trust.tolerance, of: jump.offset) {
            guard self.steady - jump.since >= trust.jumpMustLast else { return }
            believed = shown
            self.jump = nil
        } else {
            jump = (shown, self.steady)
        }
    }

    /// Continues from another time for now: what the clock shows must last before it is trusted.
    mutating func doubt(from offset: Duration) {
        believed = offset
        jump = (shown, steady)
    }
}

/// Derives recorded time from what was recorded last, a wall clock that may be wrong, and the boot clock.
///
/// ```
///  wall     10:00 ── 10:01 ─┐11:01 ─ 11:01 ┌─ 10:01 ── 10:02      a jump is not time that has passed
///  recorded 10:00 ── 10:01 ─── 10:01 ── 10:01 ── 10:01 ── 10:02
/// ```
/// Recorded time is what the wall clock shows, as far as that is trusted. It never goes back and never stands still:
/// when it is ahead, it runs at 15/16 of the boot clock's speed until the wall clock has caught up. So a timer set then
/// fires late by at most that factor, and what goes by the calendar becomes right again.
///
/// When a partition is taken, the wall clock is trusted: nothing else knows how long it had no owner. Not if that would
/// be more than ``ClockTrust/longestAbsence``: a machine that boots in 2099 is likelier than a hub idle for that long.
package struct PartitionClock: Sendable {
    private(set) var watch: WallWatch
    /// How far recorded time is ahead of the boot clock.
    private var recorded: Duration
    /// The last record as the boot clock alone would have gone on from it.
    private let unleapt: Duration
    private let taken: Duration

    /// - Parameter last: what was recorded last; nil when nothing has been.
    package init(after last: Timestamp?, _ watch: WallWatch) {
        self.watch = watch
        taken = watch.steady
        guard let last else {
            recorded = watch.believed
            unleapt = recorded
            return
        }
        let rested = last.sinceEpoch - watch.steady
        if let longest = watch.trust.longestAbsence, watch.believed - rested > longest {
            self.watch.doubt(from: rested)
        }
        recorded = max(rested, self.watch.believed)
        unleapt = watch.trust.longestAbsence == nil ? recorded : rested
    }

    /// Reads both clocks; returns what to record now.
    @discardableResult
    package mutating func read(wall: Timestamp, steady: Duration) -> Timestamp {
        let before = watch.steady
        watch.read(wall: wall, steady: steady)
        recorded = max(watch.believed, recorded - (watch.steady - before) / Self.slowness)
        return now
    }

    /// Recorded time at the last reading.
    package var now: Timestamp { Timestamp.zero + (recorded + watch.steady) }

    /// The slowest of all clocks at the last reading, for deletions: there, late does no harm, but early does. What
    /// passed without an owner counts with the next take-over; and until the owner has held the partition for
    /// ``ClockTrust/jumpMustLast``, nothing is old.
    package var slowest: Timestamp {
        guard watch.steady - taken >= watch.trust.jumpMustLast else { return .zero }
        return Timestamp.zero + (min(recorded, unleapt, watch.shown) + watch.steady)
    }

    /// How far the wall clock was ahead of recorded time at the last reading; negative when it was behind.
    package var difference: Duration { watch.shown - recorded }

    /// Whether recorded time was the wall clock's, as far as clocks usually agree.
    package var agrees: Bool { difference.isWithin(watch.trust.tolerance, of: .zero) }

    private static let slowness = 16
}

extension Timestamp {
    fileprivate var sinceEpoch: Duration { .milliseconds(milliseconds) }
}

extension Duration {
    fileprivate func isWithin(_ tolerance: Duration, of other: Duration) -> Bool {
        (other - tolerance...other + tolerance).contains(self)
    }
}
