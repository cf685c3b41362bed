package import RepriseKernel

/// What was logged about messages that could not be delivered or processed, so that it is not logged for each.
package struct RecentTroubles: Sendable {
    private var saidAt: [String: Timestamp] = [:]

    private static let pause = Duration.seconds(60)
    private static let most = 200

    package init() {}

    /// Whether it is worth logging now.
    package mutating func isNew(_ trouble: String, at now: Timestamp) -> Bool {
        if let said = saidAt[trouble], now < said + Self.pause { return false }
        if saidAt.count >= Self.most { saidAt = saidAt.filter { now < $0.value + Self.pause } }
        guard saidAt.count < Self.most else { return false }
        saidAt[trouble] = now
        return true
    }

    /// What to log about a dead letter now: once a minute for each kind, since strangers decide how many there are.
    package mutating func warning(of code: Rejection.Code, _ reason: String, at now: Timestamp) -> String? {
        guard isNew("dead letter: \(code.rawValue)", at: now) else { return nil }
        // The names in it are untrusted.
        var text = ""
        for scalar in reason.unicodeScalars.prefix(300) {
            text.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return "A message that cannot be used is a dead letter (\(code.rawValue)): \(text); see: reprise dead list"
    }
}
