import Foundation
import RepriseEngine
import RepriseKernel
import Testing

@testable import RepriseJournal

/// Prints figures; holds only what no machine should miss.
@Suite("What the log costs the journal", .serialized)
struct LogSpeedTests {
    /// Sixty-four events: turns of sixty-four instances, each with two records and an accepted command.
    private func batch(_ scribe: inout Scribe, last: inout [HistoryPosition]) -> JournalCommit {
        scribe.next { commit in
            for key in 1...64 {
                let position = HistoryPosition(rawValue: commit.head.commit.rawValue * 64 + Int64(key))
                commit.history.append(
                    .turn(
                        at: position,
                        of: InstanceKey(rawValue: Int64(key)),
                        previous: last[key - 1],
                        text: String(repeating: "x", count: 200)
                    )
                )
                last[key - 1] = position
                commit.instances.append(.sample(key: InstanceKey(rawValue: Int64(key)), last: position))
                commit.seen.written.append(
                    SeenRow(
                        key: withUnsafeBytes(of: position.rawValue) { Array($0) + Array($0) },
                        fingerprint: UInt64(position.rawValue),
                        time: .zero
                    )
                )
            }
        }
    }

    private func median(_ times: [Duration]) -> Duration { times.sorted()[times.count / 2] }

    @Test("Commits with and without the log, and their application to a copy")
    func commits() throws {
        let clock = ContinuousClock()
        let (directory, other) = (JournalDirectory(), JournalDirectory())
        let journal = try directory.open()
        let copy = try other.store().take(journal)
        var scribe = try Scribe(journal)
        var last = [HistoryPosition](repeating: 0, count: 64)
        var (plain, logged, applied, bytes): ([Duration], [Duration], [Duration], Int) = ([], [], [], 0)
        var log: [LoggedCommit] = []
        for _ in 0..<150 {
            let batch = batch(&scribe, last: &last)
            let start = clock.now
            log.append(try journal.log(batch))
            logged.append(clock.now - start)
            bytes += log.last?.changes.bytes.count ?? 0
        }
        for commit in log { applied.append(try clock.measure { try copy.apply([commit]) }) }
        #expect(try copy.standing() == journal.standing())
        for _ in 0..<150 {
            let batch = batch(&scribe, last: &last)
            plain.append(try clock.measure { try journal.commit(batch) })
        }
        print(
            "64 events: commit \(median(plain)), with the log \(median(logged)), applied in \(median(applied)), "
                + "\(bytes / 150) bytes"
        )
        #expect(median(logged) < median(plain) * 5)
    }

    @Test("Opening a journal in memory, for simulations of thousands of runs")
    func opening() throws {
        let clock = ContinuousClock()
        var (made, opened): ([Duration], [Duration]) = ([], [])
        for _ in 0..<100 {
            let disk = MemoryDisk()
            made.append(try clock.measure { _ = try disk.store().create() })
            opened.append(try clock.measure { _ = try disk.store().open() })
        }
        print("a journal in memory: made in \(median(made)), opened again in \(median(opened))")
        #expect(median(made) < .milliseconds(50))
    }
}
