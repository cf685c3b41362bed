import RepriseEngine
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport

/// One partition's files as someone has copied them.
struct JournalCopy {
    var partition: PartitionNumber
    var bytes: [UInt8]
    var standing: JournalPosition
}

/// Journals that are put back to an earlier state.
extension SimulatedHub {
    /// Someone copies a journal's files, at a moment when nothing is under way there.
    func copyJournal() {
        guard Int.random(in: 0..<40, using: &copies) == 0, let node = nodes.randomElement(using: &copies),
            let partition = partitions.randomElement(using: &copies),
            node.process?.contenders[partition.value].isBusy != true
        else { return }
        node.copy(partition)
    }

    /// In a hub with logs: while the process is down, the older copy takes the journal's place. What it lacks is in the log.
    func restoreCopy(_ node: SimulatedNode) {
        guard hasLog, !isHealed, let copy = node.copy, copies.chance(30), broker.pointers[copy.partition] != nil,
            reserved[copy.partition] == nil, let standing = node.standings[copy.partition],
            standing.commit > copy.standing.commit
        else { return }
        note(.journalRestored)
        node.restore(copy)
    }

    /// In a hub without logs nothing knows better than the copy: what came after it is undone. What begins from then on must run
    /// all the same, and no key may be given that was given before.
    func restoreForGood() {
        guard !hasLog, complaints.isEmpty, let node = nodes.first(where: { $0.copy != nil }), let copy = node.copy,
            let standing = node.standings[copy.partition], standing.commit > copy.standing.commit
        else { return }
        note(.journalRestoredForGood)
        node.process?.die()
        node.process?.turn()
        node.restore(copy)
        broker.forgetEpochs()
        dues[copy.partition] = nil
        isUndone = true
        observer = Observer()
        let first = stories.count
        stories = (first..<first + 8).map { Story(later: $0, &copies) }
        var roundsLeft = 600
        while stories.contains(where: { !isOver($0) }), roundsLeft > 0, complaints.isEmpty {
            step()
            roundsLeft -= 1
        }
        for story in stories { for round in 1...max(1, story.rounds) { check(story, round) } }
    }
}
