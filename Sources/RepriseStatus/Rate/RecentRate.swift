package import RepriseKernel
import Synchronization

/// How many instances were started, and how many have ended, within the last minute: counted as messages arrive, so
/// that reading it costs nothing, however many instances there are.
///
/// A message counts in the second that it names, so that catching up after a break does not look like a surge.
package final class RecentRate: Sendable {
    package struct Counts: Equatable, Sendable {
        package var started: Int
        package var ended: Int
        /// Over how long; shorter than a minute after a gateway's start.
        package var seconds: Int
    }

    private struct Second {
        var number: Int64 = .min
        var started = 0
        var ended = 0
    }

    private static let window = 60
    private let seconds = Mutex([Second](repeating: Second(), count: RecentRate.window))
    private let birth: ContinuousClock.Instant

    init(birth: ContinuousClock.Instant = .now) { self.birth = birth }

    /// Counts what the message begins or ends, if it does.
    func count(_ message: StatusMessage) {
        guard !message.instance.isEntity else { return }
        let isEnd =
            switch message.kind {
            case .completed, .failed, .canceled, .terminated: true
            default: false
            }
        guard isEnd || message.version == 1 else { return }
        let number = Self.second(of: message.time)
        guard number >= 0 else { return }
        seconds.withLock { seconds in
            let place = Int(number % Int64(Self.window))
            guard seconds[place].number <= number else { return }
            if seconds[place].number < number { seconds[place] = Second(number: number) }
            if isEnd { seconds[place].ended += 1 } else { seconds[place].started += 1 }
        }
    }

    /// The current second is left out, since it would always look slow.
    package func counts(at now: Timestamp, instant: ContinuousClock.Instant = .now) -> Counts {
        let present = Self.second(of: now)
        let span = max(1, min(Int64(Self.window - 1), (instant - birth).components.seconds))
        let counted = seconds.withLock { $0 }.filter { (present - span..<present).contains($0.number) }
        return Counts(
            started: counted.reduce(0) { $0 + $1.started },
            ended: counted.reduce(0) { $0 + $1.ended },
            seconds: Int(span)
        )
    }

    private static func second(of time: Timestamp) -> Int64 {
        let (quotient, remainder) = time.milliseconds.quotientAndRemainder(dividingBy: 1000)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
