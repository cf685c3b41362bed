import Logging
package import RepriseKernel

extension Partition {
    /// What a turn that began now would record.
    package func recordedTime() -> Timestamp {
        // In this order: a pause between the two makes the wall clock seem behind, which is not trusted at once.
        let wall = environment.wallClock()
        clock.read(wall: wall, steady: environment.steadyClock())
        tellDifference()
        return clock.now
    }

    /// While recorded time differs from the wall clock, the next owner knows only the recorded part of the time that
    /// passes.
    func noteTime() {
        if let due = nextNoteOfTime(), due <= now { batch.require() }
    }

    /// When to record time itself again; nil while the wall clock agrees, or nothing waits for it.
    func nextNoteOfTime() -> Timestamp? {
        clock.agrees || timers.count == 0 ? nil : head.time + Self.pauseBetweenNotes
    }

    /// Logged once when it begins, and once when it is over.
    private func tellDifference() {
        if isKnownToDiffer, clock.agrees {
            isKnownToDiffer = false
            logger.notice("The wall clock of this machine and the partition's recorded time agree again.")
        }
        let seconds = clock.difference.components.seconds
        guard !isKnownToDiffer, abs(seconds) >= Self.worthSaying else { return }
        isKnownToDiffer = true
        logger.warning("\(settings.clockTrust.sentence(ahead: seconds))")
    }

    /// Synchronized clocks differ by less.
    private static let worthSaying: Int64 = 5
    private static let pauseBetweenNotes = Duration.seconds(60)
}

extension ClockTrust {
    fileprivate func sentence(ahead seconds: Int64) -> String {
        let why =
            seconds < 0
            ? "which never goes back, and runs a little slower until the wall clock has caught up"
            : "which runs at its usual speed: a jump is trusted once it has lasted for \(jumpMustLast)"
        return """
            The wall clock of this machine is \(abs(seconds)) s \(seconds < 0 ? "behind" : "ahead of") the partition's recorded \
            time, \(why). See whether the clocks of the hub's machines are synchronized.
            """
    }
}
