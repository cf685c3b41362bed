import ArgumentParser

enum Timeout {
    /// - Throws: an error that the argument parser shows as wrong usage.
    static func check(_ seconds: Double?) throws {
        guard let seconds else { return }
        guard seconds > 0, seconds <= 31_536_000 else {
            throw ValidationError("a timeout must be more than 0 seconds, and at most a year")
        }
    }
}
