import ArgumentParser

enum Timeout {
    /// - Throws: what the argument parser shows as wrong usage.
    static func check(_ seconds: Double?) throws {
        guard let seconds else { return }
        guard seconds > 0, seconds <= 31_536_000 else {
            throw ValidationError("a time-out is more than 0 seconds, and a year at most")
        }
    }
}
