package import RepriseKernel

extension ClusterMembership {
    /// The intervals of the protocol, chosen so that the hub recovers from a kill -9 in well under two seconds.
    package enum Pace {
        /// How often the first successor checks an owner's lock.
        package static let look = Duration.milliseconds(250)
        /// All others.
        static let laterLook = Duration.seconds(1)
        /// However many locks it checks: each check is a request to the broker.
        static let betweenLooks = Duration.milliseconds(10)
        /// After a disconnection, the previous owner of a partition has it to itself for this long.
        package static let grace = Duration.seconds(3)
        /// A node that gives up a partition this long after a disconnection does so for another reason.
        static let settling = Duration.seconds(1)
        /// A node that has started and hears no other within this time is alone.
        package static let alone = Duration.milliseconds(500)
        static let betweenAnnouncements = Duration.milliseconds(50)
        /// After a move that no node accepted.
        static let holdOff = Duration.seconds(60)
        /// An ownership that ends sooner counts as a failed attempt.
        static let lasting = Duration.seconds(5)
        static let firstRetry = Duration.milliseconds(250)
        static let lastRetry = Duration.seconds(5)
    }

    /// The caller waits to try for the partition's lock, until ``Action/go(_:)``.
    package mutating func wait(for partition: PartitionNumber, at now: Duration) {
        claims[partition.value].wait(at: now)
    }

    package mutating func stopWaiting(for partition: PartitionNumber) { claims[partition.value].stopWaiting() }

    /// Whether this node should give up the partition that it owns.
    package func isUnwanted(_ partition: PartitionNumber) -> Bool { claims[partition.value].isUnwanted }

    /// The result of a check; nil when it failed.
    package mutating func looked(_ partition: PartitionNumber, isFree: Bool?, at now: Duration) {
        let number = partition.value
        guard claims[number].isLooking else { return }
        claims[number].endLook(next: now + jittered(lookInterval(number)))
        if isFree == true {
            claims[number].noteFree(at: now, after: delay(number))
        } else {
            claims[number].noteTaken()
        }
    }

    mutating func actOnClaim(_ number: Int, at now: Duration, _ actions: inout [Action], _ deadlines: inout [Duration])
    {
        guard claims[number].isWaiting, !own.isLeaving, !claims[number].isLooking else { return }
        let partition = PartitionNumber(number)
        let isFound = claims[number].takeFound()
        guard let opening = opening(number) else { return }
        let due = max(opening, claims[number].notBefore)
        guard due <= now else { return deadlines.append(due) }
        if isFound || connectedAt == nil {
            go(number, now)
            actions.append(.go(partition))
        } else if claims[number].nextLook <= now {
            claims[number].beginLook()
            actions.append(.look(partition))
        } else {
            deadlines.append(claims[number].nextLook)
        }
    }

    private mutating func go(_ number: Int, _ now: Duration) {
        let tries = claims[number].go()
        claims[number].rest(until: now + jittered(Pace.firstRetry.doubled(after: tries, atMost: Pace.lastRetry)))
    }

    /// From when on this node may try for the partition; nil when it must not.
    private func opening(_ number: Int) -> Duration? {
        let isMine = isMine(number)
        guard let connectedAt else { return isMine ? .zero : nil }
        guard isMine || ranks[number] != nil else { return nil }
        // Its own journal, and no log: no other node can want it.
        if isMine || (!hasLog && own[PartitionNumber(number)]?.holding != nil) { return connectedAt }
        let isNew = !known.contains(PartitionNumber(number)) && view.lastOwners[number] == nil
        let isAlone = isFirstConnection && !hasCompany
        if isNew || isAlone { return connectedAt + Pace.alone }
        return connectedAt + (claims[number].isReleased ? Pace.settling : Pace.grace)
    }

    /// It had the partition, lost it unintentionally, and no other node is known to have taken it.
    private func isMine(_ number: Int) -> Bool {
        view.lastOwners[number] == id && !claims[number].isGiven && plan.owners[number] == nil
            && own[PartitionNumber(number)]?.trouble == nil
    }

    /// How long a lock must be found free before this node takes it.
    private func delay(_ number: Int) -> Duration? {
        if isMine(number) { return .zero }
        return ranks[number].map { .seconds($0) }
    }

    private func lookInterval(_ number: Int) -> Duration {
        guard delay(number) == .zero else { return Pace.laterLook }
        let looked = claims.lazy.filter(\.isWaiting).count
        return max(Pace.look, Pace.betweenLooks * looked)
    }

    /// A fifth more or less, so that nodes do not act in step.
    private mutating func jittered(_ duration: Duration) -> Duration {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return duration * (0.8 + 0.4 * Double(random >> 40) / Double(1 << 24))
    }

    // MARK: Giving up

    mutating func actChoosingMoves(
        at now: Duration,
        connectedAt: Duration,
        _ actions: inout [Action],
        _ deadlines: inout [Duration]
    ) {
        // One at a time.
        guard !claims.contains(where: \.isUnwanted) else { return }
        guard !own.isLeaving else {
            if let next = own.partitions.first(where: { $0.role == .owner }) { yield(next.partition, &actions) }
            return
        }
        guard let move = plan.moves.first(where: { $0.giver == id }) else { return }
        // A new node takes nothing before it has settled.
        let takerCame = view.members.first { $0.announcement.id == move.taker }?.firstHeard ?? now
        let due = max(givesAgainAt, max(connectedAt, takerCame) + Pace.grace)
        guard due <= now else { return deadlines.append(due) }
        // What it gave before must be taken first.
        guard !claims.indices.contains(where: { claims[$0].isGiven && plan.owners[$0] == nil }) else { return }
        yield(move.partition, &actions)
    }

    private mutating func yield(_ partition: PartitionNumber, _ actions: inout [Action]) {
        claims[partition.value].yield()
        actions.append(.yield(partition))
    }
}
