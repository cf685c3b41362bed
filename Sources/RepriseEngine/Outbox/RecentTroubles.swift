import RepriseKernel

/// What was said of messages that could not be delivered, so that it is not said of each.
struct RecentTroubles {
    private var saidAt: [String: Timestamp] = [:]

    private static let pause = Duration.seconds(60)
    private static let most = 200

    /// Whether it is worth saying now.
    mutating func isNews(_ trouble: String, at now: Timestamp) -> Bool {
        if let said = saidAt[trouble], now < said + Self.pause { return false }
        if saidAt.count >= Self.most { saidAt = saidAt.filter { now < $0.value + Self.pause } }
        guard saidAt.count < Self.most else { return false }
        saidAt[trouble] = now
        return true
    }
}
