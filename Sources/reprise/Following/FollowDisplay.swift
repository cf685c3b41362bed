import Foundation
package import RepriseKernel
import Synchronization

/// Shows how an instance goes on: on a terminal one line that changes, elsewhere a line for each change.
final class FollowDisplay: Sendable {
    private let instance: InstanceID
    private let start = ContinuousClock.now
    private let line = LiveLine()
    private let story = Mutex(InstanceStory())

    init(instance: InstanceID) { self.instance = instance }

    func show(_ news: InstanceStory) {
        story.withLock { $0 = news }
        if line.isLive { draw(tick: 0) } else { Output.note(StoryLine.change(news, after: elapsed)) }
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
    func finish(_ story: InstanceStory) {
        guard line.isLive else { return }
        line.clear()
        let color: Color = story.runtimeStatus == .completed && !story.isPurged ? .green : .red
        Output.note(
            Terminal.error.paint(StoryLine.word(story), color)
                + Terminal.error.paint(
                    "  \(story.name) \(instance)  \(Amount.duration(elapsed))  v\(story.version)",
                    .dim
                )
        )
    }

    func abandon() { line.clear() }

    private var elapsed: Duration { ContinuousClock.now - start }

    private func draw(tick: Int) {
        let text = story.withLock { StoryLine.live($0, of: instance, after: elapsed, tick: tick) }
        line.show(text)
    }
}

/// The words of ``FollowDisplay``.
package enum StoryLine {
    private static let spinner = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

    package static func word(_ story: InstanceStory) -> String {
        story.isPurged ? "Purged" : story.runtimeStatus?.rawValue ?? "Starting"
    }

    /// `⠙ 5f0c…  1.20 s  v3  Running  "Seattle"`
    package static func live(_ story: InstanceStory, of instance: InstanceID, after elapsed: Duration, tick: Int)
        -> String
    {
        var text = "\(spinner[tick % spinner.count]) \(Text.cut(Text.line(instance.value), to: 40))  "
        text += "\(Amount.duration(elapsed))  v\(story.version)  \(word(story))"
        if !story.customStatus.isNull { text += "  \(Text.line(story.customStatus.text))" }
        return text
    }

    /// `  0.31 s  v3  Running    "Seattle"`
    package static func change(_ story: InstanceStory, after elapsed: Duration) -> String {
        var text = "\(Text.pad(Amount.duration(elapsed), to: 7))  \(Text.pad("v\(story.version)", to: 4))  "
        text += Text.pad(word(story), to: 10)
        if !story.customStatus.isNull { text += "  \(Text.line(story.customStatus.text))" }
        while text.last == " " { text.removeLast() }
        return text
    }
}
