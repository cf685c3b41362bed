import Reprise
import RepriseEngine
import RepriseKernel
import RepriseStatus
import RepriseTestOrchestrators
import RepriseTestSupport

extension SimulatedHub {
    /// Clients act: they start, raise, suspend, resume, cancel, terminate, rewind, restart, purge, and start again.
    func converse() {
        for index in stories.indices {
            stories[index].roundsLeft -= 1
            guard stories[index].roundsLeft <= 0 || isHealed else { continue }
            stories[index].roundsLeft = Int.random(in: 1...12, using: &random)
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
            let purge = Command.Action.purge(children: story.includesChildren)
            return send(Command(instance: story.instance, action: purge, messageID: "purge-\(story.rounds)"))
        }
        if story.rounds == 0 || (ended && story.rounds < story.lastRound) {
            stories[index].rounds += 1
            stories[index].isPurgeSent = false
            return begin(stories[index])
        }
        guard !ended else { return }
        if rewinds(story) || restarts(story) { return }
        disturb(story)
    }

    private func disturb(_ story: Story) {
        if story.suspends, random.chance(20), !isHealed {
            send(Command(instance: story.instance, action: .suspend(reason: .null), isInteractive: true))
        }
        if story.suspends, random.chance(40) {
            send(Command(instance: story.instance, action: .resume(reason: .null), isInteractive: true))
        }
        if story.terminates, random.chance(story.orchestrator == "Warden" ? 20 : 5) {
            send(
                Command(
                    instance: story.instance,
                    action: .terminate(reason: .null, children: story.includesChildren),
                    messageID: "t\(story.rounds)",
                    isInteractive: true
                )
            )
        }
        if story.isCanceled, random.chance(20) {
            send(Command(instance: story.instance, action: .cancel(reason: .null), messageID: "cancel-\(story.rounds)"))
        }
        if story.orchestrator == "Race", random.chance(20) {
            raise(story, "GO", "\"went\"", message: "go-\(story.rounds)")
        }
    }

    /// Someone mends what made an instance fail, and rewinds it.
    private func rewinds(_ story: Story) -> Bool {
        let tag = story.tag(story.rounds)
        guard story.orchestrator == "Mended", let identity = observer.begun[tag]?.first,
            let end = observer.end(of: identity), end.kind == .failed
        else { return false }
        mended.insert(tag)
        let id = "rewind-\(story.rounds)-\(end.version)"
        send(Command(instance: story.instance, action: .rewind(reason: .null), messageID: id))
        return true
    }

    private func restarts(_ story: Story) -> Bool {
        guard let restart = story.restart, let begun = observer.begun[story.tag(1)], begun.count == 1,
            begun.allSatisfy({ observer.end(of: $0) != nil })
        else { return false }
        let id = restart == .elsewhere ? InstanceID(trusted: "\(story.instance)-again") : nil
        send(Command(instance: story.instance, action: .restart(as: id), messageID: "restart"))
        return true
    }

    private func begin(_ story: Story) {
        let tag = story.tag(story.rounds)
        var events = Array(0..<story.letters)
        let input = (try? PayloadCoding.encode(Order(tag: tag, count: story.count), as: "an order")) ?? .null
        var request = StartRequest(
            orchestrator: story.orchestrator,
            input: input,
            version: story.version,
            tags: story.tags,
            startTime: story.delay.map { clock.latest + $0 },
            existing: story.existing,
            customStatus: story.initialStatus(story.rounds)
        )
        if story.bringsEvent, story.existing != .refuse, !events.isEmpty {
            request.event = StartRequest.Event(
                name: "ITEM",
                payload: Payload(trusted: Array("\(events.removeFirst())".utf8))
            )
        } else if story.bringsEvent, story.orchestrator == "Race", story.existing == .replaceEnded {
            request.event = StartRequest.Event(name: "Go", payload: .string("went"))
        }
        // Some of its events overtake it.
        let early = Int.random(in: 0...events.count, using: &random)
        // No one can tell for which incarnation an event is meant: early ones only for the first.
        let isFirst = story.rounds == 1
        if isFirst { for item in events.prefix(early) { raise(story, "item", "\(item)", message: "\(tag)/\(item)") } }
        var command = Command(
            instance: story.instance,
            action: .start(request),
            messageID: story.isKeyed ? "start-\(story.rounds)" : nil
        )
        if story.isKeyed, random.chance(20) { command.deadline = clock.latest + .seconds(30 * 24 * 3600) }
        send(command, tag: tag)
        if story.existing != .replaceEnded { rival(command, tag) }
        for item in isFirst ? events.dropFirst(early) : events[...] {
            raise(story, "Item", "\(item)", message: "\(tag)/\(item)")
        }
    }

    /// Others have the same idea: all of them together start it once.
    private func rival(_ command: Command, _ tag: String) {
        guard case .start(var request) = command.action else { return }
        request.event = nil
        for number in 1...2 {
            var command = command
            command.action = .start(request)
            command.messageID = "rival-\(number)"
            send(command, tag: tag)
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

    func send(_ command: Command, tag: String? = nil) {
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
        guard let begun = observer.begun[story.tag(round)], begun.count >= story.executions else { return false }
        return begun.allSatisfy { identity in
            guard let end = observer.end(of: identity) else { return false }
            return story.orchestrator != "Mended" || end.kind != .failed
        }
    }

    func isOver(_ story: Story) -> Bool {
        story.rounds == story.lastRound && hasEnded(story, round: story.rounds) && story.isPurgeSent == story.purges
    }

    // MARK: What clients hear

    func hear(_ replies: [Reply]) {
        for reply in replies {
            guard let index = reply.to.correlation.flatMap({ Int($0) }) else { continue }
            switch reply.answer {
            case .accepted: requests[index].wasAccepted = true
            case .rejected(let rejection):
                guard requests[index].wasAccepted, requests[index].command.messageID != nil else { continue }
                requests[index].laterRefusals += 1
                guard !requests[index].mayBeHeld else { continue }
                complain("request \(index) was accepted, and its repeat refused: \(rejection.reason)")
            case .counted(_, let count): if count > 0 { note(.resent) }
            case .status, .changes, .instances, .health: break
            }
        }
    }

    /// A refusal counts once its delivery is acked, whether or not the reply gets through.
    func noteRefusals(_ replies: [Reply]) {
        for reply in replies {
            guard case .rejected(let rejection) = reply.answer, let index = reply.to.correlation.flatMap({ Int($0) })
            else { continue }
            requests[index].wasRefused = true
            if rejection.code == .alreadyExists { note(.rivalRefused) }
        }
    }

    /// Someone reads the dead letters, and sends again what came too early or met a node without the code.
    func regret(_ letter: DeadLetter) {
        let original = String(decoding: letter.original, as: UTF8.self)
        guard let index = Int(original) else { return regretInternal(original, letter.code) }
        requests[index].wasRefused = true
        requests[index].letters += 1
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

    /// Whose instance it is, or a part of whose.
    func story(of instance: InstanceID) -> Story? {
        stories.first { story in
            guard instance.value.hasPrefix(story.instance.value) else { return false }
            return instance.value.dropFirst(story.instance.value.count).first?.isNumber != true
        }
    }

    /// What instances sent to each other; some of it is for no one any more.
    private func regretInternal(_ original: String, _ code: Rejection.Code) {
        // A node without the code goes one day, an instance that was never there does not come.
        guard let sent = internals[original],
            code == .unknownOrchestrator || (code == .unknownInstance && sent.regrets < 12)
        else { return }
        // Of a round that is over: no one is there to wait for it, or to end what it would start.
        if !sent.isForItself, let story = story(of: sent.command.instance),
            story.rounds != sent.round || hasEnded(story, round: story.rounds)
        {
            return
        }
        internals[original]?.regrets += 1
        publish(.command(sent.command), request: nil, to: sent.command.instance)
    }

    /// No one misses an event for what is over, or one that was meant for the incarnation before.
    private func isStillWanted(_ command: Command, _ story: Story) -> Bool {
        guard case .raiseEvent = command.action, !hasEnded(story, round: story.rounds) else { return false }
        return story.letters == 0 || command.messageID?.hasPrefix(story.tag(story.rounds) + "/") == true
    }
}
