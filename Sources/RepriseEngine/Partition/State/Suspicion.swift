import RepriseKernel

/// Which turns may have been the last of an earlier owner, when that was another node or a process whose marks are
/// elsewhere: what it was doing, or would have found to do, when it died.
///
/// Each runs in its own commit, so their number is bounded: more than an owner takes into one batch.
struct Suspicion {
    private static let limit = 512

    private var takenAt = Timestamp.zero
    private var deliveries = 0
    private var timers = 0
    private var waiting = 0

    /// The partition was taken from such an owner.
    mutating func begin(at now: Timestamp) {
        takenAt = now
        deliveries = Self.limit
        timers = Self.limit
        waiting = Self.limit
    }

    mutating func takeDelivery() -> Bool { Self.take(&deliveries) }
    mutating func takeTimer(_ due: Timestamp) -> Bool { due <= takenAt && Self.take(&timers) }
    mutating func takeWaiting() -> Bool { Self.take(&waiting) }

    private static func take(_ count: inout Int) -> Bool {
        guard count > 0 else { return false }
        count -= 1
        return true
    }
}
