import Foundation
package import RepriseKernel
import Synchronization

/// Shows how an instance goes on: a line for each change, and on a terminal, below them, how it stands, live.
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
    private let story = Mutex(InstanceTimeline())

    init(instance: InstanceID) { self.instance = instance }

    func show(_ news: InstanceTimeline) {
        story.withLock { $0 = news }
        guard line.isLive, let width = Terminal.error.width else {
            return Output.note(StoryLine.change(news, after: elapsed))
        }
        let change = Text.cut(StoryLine.timeline(news, after: elapsed), to: width - 1)
        line.say(Terminal.error.paint(change, StoryLine.color(news)))
        draw(tick: 0)
    }

    /// Keeps the elapsed time moving until it is cancelled.
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
    func finish(_ story: InstanceTimeline) {
        guard line.isLive else { return }
        line.say(
            Terminal.error.paint(StoryLine.word(story), StoryLine.color(story))
                + Terminal.error.paint(
                    "  \(Text.line(story.name)) \(Text.line(instance.value))  \(Amount.duration(elapsed))  v\(story.version)",
                    .dim
                )
        )
    }

    func abandon() { line.clear() }

    private var elapsed: Duration { ContinuousClock.now - start }

    private func draw(tick: Int) {
        let lines = story.withLock { StoryLine.live($0, of: instance, after: elapsed, tick: tick) }
        line.show(lines)
    }
}

/// The words of ``FollowDisplay``.
package enum StoryLine {
    private static let spinner = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

    package static func word(_ story: InstanceTimeline) -> String {
        story.isPurged ? "Purged" : story.runtimeStatus?.rawValue ?? "Starting"
    }

    static func color(_ story: InstanceTimeline) -> Color {
        switch story.runtimeStatus {
        case _ where story.isPurged: .red
        case let status? where status.isEnded || status == .suspended: StatusText.color(status)
        default: .plain
        }
    }

    /// `⠙ 5f0c…  1.20 s  v3  Running  Seattle`, and below it what does not fit there: a bar, a tree.
    package static func live(_ story: InstanceTimeline, of instance: InstanceID, after elapsed: Duration, tick: Int)
        -> [String]
    {
        var text = "\(spinner[tick % spinner.count]) \(Text.cut(Text.line(instance.value), to: 40))  "
        text += "\(Amount.duration(elapsed))  v\(story.version)  \(word(story))"
        let shape = StatusShape(story.customStatus)
        if case .text(let status) = shape { text += "  \(Text.line(status))" }
        let room = LiveLine.mostLines - 1
        var below = shape.lines(width: 30).map { "  \(Text.line($0))" }
        if below.count > room { below = below.prefix(room - 1) + ["  … \(below.count - room + 1) more"] }
        return [text] + below
    }

    /// `  0.31 s  v3  Running    "Seattle"`: the status as the JSON that it is, where another program may read it.
    package static func change(_ story: InstanceTimeline, after elapsed: Duration) -> String {
        change(story, after: elapsed, says: story.customStatus.isNull ? "" : story.customStatus.text)
    }

    /// `  0.31 s  v3  Running    Seattle`: the same for people.
    package static func timeline(_ story: InstanceTimeline, after elapsed: Duration) -> String {
        change(story, after: elapsed, says: StatusShape(story.customStatus).line)
    }

    private static func change(_ story: InstanceTimeline, after elapsed: Duration, says status: String) -> String {
        var text = "\(Text.pad(Amount.duration(elapsed), to: 7))  \(Text.pad("v\(story.version)", to: 4))  "
        text += "\(Text.pad(word(story), to: 10))  \(Text.line(status))"
        while text.last == " " { text.removeLast() }
        return text
    }
}
