import Reprise
import RepriseEngine
import RepriseKernel
import RepriseLoad
import RepriseStatus

/// What clients do with one instance id, from first to last.
struct Story {
    let instance: InstanceID
    let orchestrator: String
    let count: Int
    /// Sent with a message id, and so repeated without fear.
    let isKeyed: Bool
    /// Starts of this id so far; each waits for the end of the one before.
    var rounds = 0
    let lastRound: Int
    let purges: Bool
    var isPurgeSent = false
    let terminates: Bool
    let suspends: Bool
    /// Steps until the client acts.
    var patience: Int

    private static let orchestrators = [
        "Hello", "Hello", "FanOut", "Retrying", "Race", "Race", "Collector", "Collector", "Pacer", "Deriver",
        "Immediate",
        "Thrower", "Fickle", "Stalled", "Boaster", "Glutton", "Hasty",
    ]

    init(_ index: Int, _ random: inout SeededRandom) {
        instance = InstanceID(trusted: "instance-\(index)")
        orchestrator = Self.orchestrators.randomElement(using: &random) ?? "Hello"
        count = Int.random(in: 1...5, using: &random)
        isKeyed = random.chance(85)
        lastRound = isKeyed && random.chance(40) ? Int.random(in: 2...3, using: &random) : 1
        purges = random.chance(30)
        // An event that was meant for a collector which was terminated would be collected by the next.
        terminates = random.chance(12) && (lastRound == 1 || orchestrator != "Collector")
        suspends = random.chance(25)
        patience = Int.random(in: 0...40, using: &random)
    }

    func tag(_ round: Int) -> String { "\(instance)#\(round)" }
}

/// One command of a client, however often it is sent.
struct Request {
    var command: Command
    var tag: String?
    var wasAccepted = false
    var wasRefused = false
}

extension SimulatedHub {
    /// Clients act: they start, raise, suspend, resume, terminate, purge, and start again.
    func converse() {
        for index in stories.indices {
            stories[index].patience -= 1
            guard stories[index].patience <= 0 || isHealed else { continue }
            stories[index].patience = Int.random(in: 1...12, using: &random)
            act(index)
        }
        if isHealed { resumeAll() }
        repeatSomething()
    }

    private func act(_ index: Int) {
        let story = stories[index]
        let ended = hasEnded(story, round: story.rounds)
        if story.rounds > 0, ended, story.purges, !story.isPurgeSent {
            stories[index].isPurgeSent = true
            return send(Command(instance: story.instance, action: .purge, messageID: "purge-\(story.rounds)"))
        }
        if story.rounds == 0 || (ended && story.rounds < story.lastRound) {
            stories[index].rounds += 1
            stories[index].isPurgeSent = false
            return begin(stories[index])
        }
        guard !ended else { return }
        let round = story.rounds
        if story.suspends, random.chance(20), !isHealed {
            send(Command(instance: story.instance, action: .suspend(reason: .null), isInteractive: true))
        }
        if story.suspends, random.chance(40) {
            send(Command(instance: story.instance, action: .resume(reason: .null), isInteractive: true))
        }
        if story.terminates, random.chance(5) {
            send(
                Command(
                    instance: story.instance,
                    action: .terminate(reason: .null),
                    messageID: "t\(round)",
                    isInteractive: true
                )
            )
        }
        if story.orchestrator == "Race", random.chance(20) {
            raise(story, "GO", "\"went\"", message: "go-\(round)")
        }
    }

    private func begin(_ story: Story) {
        let tag = story.tag(story.rounds)
        // Some of its events overtake it.
        let events = story.orchestrator == "Collector" ? Array(0..<story.count) : []
        let early = Int.random(in: 0...events.count, using: &random)
        // Nobody can tell for which incarnation an event is meant: early ones only for the first.
        let isFirst = story.rounds == 1
        if isFirst { for item in events.prefix(early) { raise(story, "item", "\(item)", message: "\(tag)/\(item)") } }
        let input = (try? PayloadCoding.encode(Order(tag: tag, count: story.count), as: "an order")) ?? .null
        var command = Command(
            instance: story.instance,
            action: .start(orchestrator: story.orchestrator, input: input),
            messageID: story.isKeyed ? "start-\(story.rounds)" : nil
        )
        if story.isKeyed, random.chance(20) { command.deadline = clock.latest + .seconds(3600) }
        send(command, tag: tag)
        for item in isFirst ? events.dropFirst(early) : events[...] {
            raise(story, "Item", "\(item)", message: "\(tag)/\(item)")
        }
    }

    private func raise(_ story: Story, _ name: String, _ json: String, message: String) {
        send(
            Command(
                instance: story.instance,
                action: .raiseEvent(name: name, Payload(trusted: Array(json.utf8))),
                messageID: message,
                isOrdered: true
            )
        )
    }

    private func send(_ command: Command, tag: String? = nil) {
        requests.append(Request(command: command, tag: tag))
        publish(.command(command), request: requests.count - 1, to: command.instance)
    }

    /// A client that did not hear an answer sends the same again, late.
    private func repeatSomething() {
        guard !isHealed, random.chance(15), let index = requests.indices.randomElement(using: &random),
            requests[index].command.messageID != nil
        else { return }
        publish(.command(requests[index].command), request: index, to: requests[index].command.instance)
    }

    private func resumeAll() {
        guard random.chance(30) else { return }
        for story in stories where story.suspends {
            if observer.records[story.instance]?.lifecycle.runtimeStatus == .suspended {
                send(Command(instance: story.instance, action: .resume(reason: .null), isInteractive: true))
            }
        }
    }

    private func hasEnded(_ story: Story, round: Int) -> Bool {
        observer.begun[story.tag(round)]?.first.map {
            observer.ended.contains(InstanceIdentity(instance: story.instance, incarnation: $0))
        } ?? false
    }

    // MARK: What clients hear

    func hear(_ replies: [Reply]) {
        for reply in replies {
            guard let index = reply.to.correlation.flatMap({ Int($0) }) else { continue }
            switch reply.answer {
            case .accepted: requests[index].wasAccepted = true
            case .rejected(let rejection):
                if requests[index].wasAccepted, requests[index].command.messageID != nil {
                    complain("request \(index) was accepted, and its repeat refused: \(rejection.reason)")
                }
            case .status, .instances, .health: break
            }
        }
    }

    /// A refusal counts once its delivery is acked, whether or not the reply gets through.
    func noteRefusals(_ replies: [Reply]) {
        for reply in replies {
            guard case .rejected = reply.answer, let index = reply.to.correlation.flatMap({ Int($0) }) else { continue }
            requests[index].wasRefused = true
        }
    }

    /// Somebody reads the dead letters, and sends again what came too early or met a node without the code.
    func regret(_ letter: DeadLetter) {
        guard let index = Int(String(decoding: letter.original, as: UTF8.self)) else { return }
        requests[index].wasRefused = true
        let command = requests[index].command
        guard let story = stories.first(where: { $0.instance == command.instance }) else { return }
        let isWanted =
            switch letter.code {
            case .unknownOrchestrator: true
            case .unknownInstance, .ended: isStillWanted(command, story)
            case .unknownEntity, .alreadyExists, .notEnded, .alreadySuspended, .notSuspended, .notFailed,
                .notRewindable,
                .conflictingKey, .tooManyPending, .expired, .invalid, .tooLarge:
                false
            }
        if isWanted { publish(.command(command), request: index, to: command.instance) }
    }

    /// Nobody misses an event for what is over, or one that was meant for the incarnation before.
    private func isStillWanted(_ command: Command, _ story: Story) -> Bool {
        guard case .raiseEvent = command.action, !hasEnded(story, round: story.rounds) else { return false }
        return story.orchestrator != "Collector" || command.messageID?.hasPrefix(story.tag(story.rounds) + "/") == true
    }

    func isOver(_ story: Story) -> Bool {
        story.rounds == story.lastRound && hasEnded(story, round: story.rounds) && story.isPurgeSent == story.purges
    }
}
