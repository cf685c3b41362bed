import Foundation
package import RepriseKernel
import Synchronization

/// Shows the progress of an instance: a line for each change and, on a terminal, its live status below them.
///
/// ```
///   0.31 s  v2    Running     3 of 10 · stage: packing
/// ⠙ order-1  0.52 s  v2  Running
///   [██████░░░░░░░░░░░░░░]  30 %  3 of 10
///   stage: packing
/// ```
final class FollowDisplay: Sendable {
    private let instance: InstanceID
    private let start = ContinuousClock.now
    private let line = LiveLine()
    private let timeline = Mutex(InstanceTimeline())

    init(instance: InstanceID) { self.instance = instance }

    func show(_ timeline: InstanceTimeline) {
        self.timeline.withLock { $0 = timeline }
        guard line.isLive, let width = Terminal.error.width else {
            return Output.note(TimelineLine.change(timeline, after: elapsed))
        }
        let change = Text.cut(TimelineLine.timeline(timeline, after: elapsed), to: width - 1)
        line.say(Terminal.error.paint(change, TimelineLine.color(timeline)))
        draw(tick: 0)
    }

    /// Keeps the elapsed time moving until it is canceled.
    func run() async {
        guard line.isLive else { return }
        var tick = 0
        while !Task.isCancelled {
            draw(tick: tick)
            tick += 1
            try? await ContinuousClock().sleep(for: .milliseconds(100))
        }
    }

    /// What stays on the screen.
    func finish(_ timeline: InstanceTimeline) {
        guard line.isLive else { return }
        line.say(
            Terminal.error.paint(TimelineLine.word(timeline), TimelineLine.color(timeline))
                + Terminal.error.paint(
                    "  \(Text.line(timeline.name)) \(Text.line(instance.value))  \(Amount.duration(elapsed))  v\(timeline.version)",
                    .dim
                )
        )
    }

    func abandon() { line.clear() }

    private var elapsed: Duration { ContinuousClock.now - start }

    private func draw(tick: Int) {
        let lines = timeline.withLock { TimelineLine.live($0, of: instance, after: elapsed, tick: tick) }
        line.show(lines)
    }
}

/// The lines that ``FollowDisplay`` shows.
package enum TimelineLine {
    private static let spinner = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

    package static func word(_ timeline: InstanceTimeline) -> String {
        timeline.isPurged ? "Purged" : timeline.runtimeStatus?.rawValue ?? "Starting"
    }

    static func color(_ timeline: InstanceTimeline) -> Color {
        switch timeline.runtimeStatus {
        case _ where timeline.isPurged: .red
        case let status? where status.isEnded || status == .suspended: StatusText.color(status)
        default: .plain
        }
    }

    /// `⠙ 5f0c…  1.20 s  v3  Running  Seattle`, and below it what does not fit there: a bar, a tree.
    package static func live(_ timeline: InstanceTimeline, of instance: InstanceID, after elapsed: Duration, tick: Int)
        -> [String]
    {
        var text = "\(spinner[tick % spinner.count]) \(Text.cut(Text.line(instance.value), to: 40))  "
        text += "\(Amount.duration(elapsed))  v\(timeline.version)  \(word(timeline))"
        let shape = StatusShape(timeline.customStatus)
        if case .text(let status) = shape { text += "  \(Text.line(status))" }
        let room = LiveLine.maximumLines - 1
        var below = shape.lines(width: 30).map { "  \(Text.line($0))" }
        if below.count > room { below = below.prefix(room - 1) + ["  … \(below.count - room + 1) more"] }
        return [text] + below
    }

    /// `  0.31 s  v3  Running    "Seattle"`: the status as the JSON that it is, where another program may read it.
    package static func change(_ timeline: InstanceTimeline, after elapsed: Duration) -> String {
        change(timeline, after: elapsed, says: timeline.customStatus.isNull ? "" : timeline.customStatus.text)
    }

    /// `  0.31 s  v3  Running    Seattle`: the same for people.
    package static func timeline(_ timeline: InstanceTimeline, after elapsed: Duration) -> String {
        change(timeline, after: elapsed, says: StatusShape(timeline.customStatus).line)
    }

    private static func change(_ timeline: InstanceTimeline, after elapsed: Duration, says status: String) -> String {
        var text = "\(Text.pad(Amount.duration(elapsed), to: 7))  \(Text.pad("v\(timeline.version)", to: 4))  "
        text += "\(Text.pad(word(timeline), to: 10))  \(Text.line(status))"
        while text.last == " " { text.removeLast() }
        return text
    }
}
