import Logging
package import RepriseKernel

extension Partition {
    /// What a turn that began now would record.
    package func recordedTime() -> Timestamp {
        // In this order: a pause between the two makes the wall clock seem behind, which is not believed at once.
        let wall = environment.wallClock()
        clock.read(wall: wall, steady: environment.steadyClock())
        tellDifference()
        return clock.now
    }

    /// While recorded time is not the wall clock's, the next owner knows of the time that passes only what is recorded.
    func noteTime() {
        if let due = nextNoteOfTime(), due <= now { batch.require() }
    }

    /// When time itself is to be recorded again; nil while the wall clock shows it, or nothing waits for it.
    func nextNoteOfTime() -> Timestamp? {
        clock.agrees || timers.count == 0 ? nil : head.time + Self.pauseBetweenNotes
    }

    /// Once when it begins, and once when it is over.
    private func tellDifference() {
        if isKnownToDiffer, clock.agrees {
            isKnownToDiffer = false
            logger.notice("The wall clock of this machine and the partition's recorded time agree again.")
        }
        let seconds = clock.difference.components.seconds
        guard !isKnownToDiffer, abs(seconds) >= Self.worthSaying else { return }
        isKnownToDiffer = true
        let why =
            seconds < 0
            ? "which never goes back, and runs a little slower until the wall clock has caught up"
            : "which goes on at its usual speed: a jump is believed once it has lasted for \(settings.clockTrust.patience)"
        logger.warning(
            """
            The wall clock of this machine is \(abs(seconds)) s \(seconds < 0 ? "behind" : "ahead of") the partition's recorded \
            time, \(why). See whether the clocks of the hub's machines are synchronized.
            """
        )
    }

    /// Clocks that are synchronized differ by less.
    private static let worthSaying: Int64 = 5
    private static let pauseBetweenNotes = Duration.seconds(60)
}
