import Reprise
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestOrchestrators

/// An accepted start is never lost and runs once, and so does all that it starts in turn.
extension SimulatedHub {
    func checkStories() {
        for story in stories {
            if story.rounds < story.lastRound {
                complain("\(story.instance) got no further than round \(story.rounds)")
            }
            for round in stride(from: 1, through: story.rounds, by: 1) { check(story, round) }
        }
        for (tag, identities) in observer.begun.sorted(by: { $0.key < $1.key }) {
            check(tag, identities)
        }
    }

    func check(_ story: Story, _ round: Int) {
        let tag = story.tag(round)
        let begun = observer.begun[tag] ?? []
        guard begun.count == story.executions else {
            return complain("\(tag) (\(story.orchestrator)) began \(begun.count) times: \(describe(story.instance))")
        }
        for identity in begun {
            guard let end = observer.end(of: identity) else {
                complain("\(tag) (\(story.orchestrator)) did not end: \(describe(story.instance))")
                continue
            }
            checkWards(of: tag)
            if end.kind == .terminated {
                if !story.terminates { complain("\(tag) was terminated, and no one did it") }
            } else if end.kind == .canceled {
                check(canceled: identity, of: story, tag)
            } else if !isRight(end, for: story, tag) {
                complain("\(tag) (\(story.orchestrator)) ended \(end.kind) with \(end.payload.text.prefix(200))")
            } else if end.kind == .completed {
                checkParts(of: story, tag, observer.told(of: identity))
            }
        }
    }

    private func isRight(_ end: StatusMessage, for story: Story, _ tag: String) -> Bool {
        let count = story.count
        func completed(_ json: String) -> Bool { end.kind == .completed && end.payload.text == json }
        func failed(_ type: String) -> Bool { end.kind == .failed && end.failure?.type == type }
        // Where a node without the code had the partition of a child, or of a child's child.
        if coverage.happenings[.codeMissing] != nil, end.failure?.isOfNotStarting == true { return true }
        if end.isOfALostAnswer, wasUnanswered(story) { return true }
        return switch story.orchestrator {
        case "Hello": completed("[\((0..<count).map { "\($0 * 2)" }.joined(separator: ","))]")
        case "FanOut": completed("\((0..<count).reduce(0, +) * 2)")
        case "Retrying": completed("42")
        case "Race":
            completed("\"went\"")
                || (completed("\"timeout\"") && !(story.bringsEvent && story.existing == .replaceEnded))
        case "Collector", "Postman":
            completed("[\((0..<story.letters).map { "\($0)" }.joined(separator: ","))]") || isShuffled(end, story)
        case "Pacer", "Hasty", "Painter", "Transfer", "Payer": completed("\(count)")
        case "Deriver", "Immediate", "Herald": completed("\"\(tag)\"")
        case "Thrower": failed("Broken")
        case "Fickle":
            completed("\"\(tag)\"")
                || (failed(Failure.Kind.nonDeterministic)
                    && ["Double", "Flaky"].allSatisfy { end.payload.text.contains($0) })
        case "Stalled": failed(Failure.Kind.stalled)
        case "Boaster": completed("\"PayloadTooLarge\"")
        case "Glutton": failed(Failure.Kind.tooLarge)
        case "Patient": (0...count).contains { completed("\($0)") }
        case "Family": completed("\(count + (0..<count).reduce(0, +) * 2)")
        case "Persistent": completed("3")
        case "Bereaved":
            completed("\"Broken\"")
                || (completed("\"\(Failure.Kind.notStarted)\"") && coverage.happenings[.codeMissing] != nil)
        case "Caller":
            completed("[\((0..<count).map { "\($0)" }.joined(separator: ","))]") || hearsEarlierRounds(end, story, tag)
        case "Mended": completed("42")
        case "Treadmill": completed("\(TestOrchestrators.generations(count))")
        case "Spendthrift": completed("\"Overdrawn\"")
        case "Squatter":
            switch count % 5 {
            case 0: completed("\"held\"")
            case 1: completed("\"held\"") || completed("\"gave up\"")
            case 2: completed("\"Thrown\"")
            case 3: completed("\"continued\"")
            default: failed("Fled")
            }
        case "Scribe": completed("[\((0..<count).map { _ in "1" }.joined(separator: ","))]")
        default: false
        }
    }

    /// Whether the broker lost an answer that the story, or a part of it, had waited for.
    private func wasUnanswered(_ story: Story) -> Bool {
        wipes.unanswered.contains { self.story(of: $0)?.instance == story.instance }
    }

    /// The child of a round that was terminated goes on, and what it sends its parent reaches the instance that has
    /// that id now.
    private func hearsEarlierRounds(_ end: StatusMessage, _ story: Story, _ tag: String) -> Bool {
        guard story.terminates, tag != story.tag(1),
            let items = try? PayloadCoding.decode([Int].self, from: end.payload, as: "items")
        else { return false }
        return items.count == story.count && items.allSatisfy { (0..<story.count).contains($0) }
    }

    /// Events that were a dead letter first come later than their turn; each comes once all the same.
    private func isShuffled(_ end: StatusMessage, _ story: Story) -> Bool {
        guard requests.contains(where: { $0.command.instance == story.instance && $0.wasRefused }),
            let items = try? PayloadCoding.decode([Int].self, from: end.payload, as: "items")
        else { return false }
        return items.sorted() == Array(0..<story.letters)
    }

    /// What belongs to a start that has completed.
    private func checkParts(of story: Story, _ tag: String, _ told: [StatusMessage]) {
        switch story.orchestrator {
        case "Painter": checkPicture(of: story, tag, told)
        case "Persistent": expect(3, of: "\(tag)/again")
        case "Herald":
            expect(1, of: "\(tag)/sent-now")
            expect(1, of: "\(tag)/sent-later")
        case "Treadmill", "Postman":
            let stages = told.filter { $0.kind == .started || $0.kind == .continuedAsNew }.map { status in
                (try? PayloadCoding.decode(Stage.self, from: status.payload, as: "a stage"))?.done ?? 0
            }
            if stages != Array(0..<stages.count) { complain("the generations of \(tag) were \(stages)") }
            if story.orchestrator == "Treadmill", stages.count != TestOrchestrators.generations(story.count) + 1 {
                complain("\(tag) had \(stages.count) generations")
            }
        default: break
        }
    }

    /// However often it was replayed, every patch was applied once, to all that had been said before.
    private func checkPicture(of story: Story, _ tag: String, _ told: [StatusMessage]) {
        var pictures = (0..<story.count).map { last in
            let steps = (0...last).map { "\"s\($0)\":\($0 * 2)" }
            return "{" + ((story.count > 1 ? ["\"from\":\"\(tag)\""] : []) + steps).joined(separator: ",") + "}"
        }
        if story.count > 1 { pictures.insert("{\"from\":\"\(tag)\"}", at: 0) }
        let shown = told.filter { $0.kind == .customStatusSet }.map(\.payload.text)
        if shown != pictures { complain("\(tag) painted \(shown)") }
    }

    private func expect(_ count: Int, of tag: String) {
        let begun = observer.begun[tag]?.count ?? 0
        if begun != count { complain("\(tag) began \(begun) times instead of \(count)") }
    }

    // MARK: Everything that began with a tag

    private func check(_ tag: String, _ identities: Set<InstanceIdentity>) {
        guard let story = stories.first(where: { tag.hasPrefix("\($0.instance)#") }) else {
            return complain("nobody asked for \(tag)")
        }
        let isPart = tag.contains("/")
        if isPart, identities.count > (tag.hasSuffix("/again") ? 4 : 1) {
            complain("\(tag) began \(identities.count) times: \(identities)")
        }
        for identity in identities {
            let told = observer.told(of: identity)
            let ends = told.filter(\.kind.isEnd)
            // Whatever is rewound has ended before.
            if ends.count != 1 + told.count(where: { $0.kind == .rewound }) {
                complain("\(tag) ended \(ends.count) times: \(told.map(\.kind))")
            }
            if isPart, ends.last?.kind == .terminated, !(story.terminates && story.includesChildren) {
                complain("\(tag) was terminated, and no one did it")
            }
            for status in told { if let traits = status.traits { check(traits, status, tag, story) } }
        }
    }

    private func check(_ traits: InstanceTraits, _ status: StatusMessage, _ tag: String, _ story: Story) {
        let isPart = tag.contains("/")
        if !story.tags.allSatisfy({ traits.tags[$0] == $1 }) { complain("\(tag) has the tags \(traits.tags)") }
        if !isPart, traits.version != story.version { complain("\(tag) has the version \(traits.version ?? "-")") }
        if status.kind == .started, let time = traits.startTime, status.time < time {
            complain("\(tag) began before its time")
        }
    }

    /// A purge that was for the children too leaves none of them.
    func checkFamily(_ history: [HistoryRecord], of row: InstanceRow) {
        for story in stories where story.purges && story.includesChildren {
            for round in 1...max(1, story.rounds) {
                let tag = story.tag(round)
                guard case .executionStarted(let start)? = history.first?.event, start.parent != nil,
                    let order = try? PayloadCoding.decode(Order.self, from: start.input, as: "an order"),
                    order.tag.hasPrefix("\(tag)/"), let parent = observer.begun[tag]?.first,
                    let end = observer.end(of: parent), end.kind == .completed,
                    // A start that was refused is not remembered: its repeat may begin what its parent does without.
                    !end.payload.text.contains(Failure.Kind.notStarted)
                else { continue }
                complain("\(row.id) of \(tag) is left, and should have been purged")
            }
        }
    }
}

extension StatusMessage {
    fileprivate var isOfALostAnswer: Bool {
        failure?.description.contains(Failure.Kind.answerLost) ?? (payload.text == "\"\(Failure.Kind.answerLost)\"")
    }
}

extension Failure {
    /// Whether it comes, by whatever way, from a child that was not started.
    fileprivate var isOfNotStarting: Bool {
        guard let cause else { return false }
        return cause.type == Kind.notStarted || cause.isOfNotStarting
    }
}
