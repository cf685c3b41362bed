import GRDB
package import RepriseEngine
import RepriseKernel

extension SQLiteJournal {
    package var format: Int { JournalSchema.steps.count }

    package func standing() throws(JournalError) -> JournalPosition {
        try access { _, statements in try Self.standing(statements) }
    }

    package func apply(_ commits: [LoggedCommit]) throws(JournalError) {
        guard let last = commits.last else { return }
        try access { database, statements in
            try database.inTransaction(.immediate) {
                var standing = try Self.standing(statements)
                for commit in commits {
                    try apply(commit, after: standing, database, statements)
                    standing = commit.standing
                }
                return .commit
            }
        }
        noteCommit(last.standing.commit)
    }

    private func apply(
        _ commit: LoggedCommit,
        after standing: JournalPosition,
        _ database: Database,
        _ statements: JournalStatements
    ) throws {
        let number = commit.standing.commit
        guard commit.format == format else {
            throw JournalError(
                .mismatch,
                "commit \(number) in the log was written in format \(commit.format), and the journal of partition "
                    + "\(identity.partition) has format \(format): changes are never applied across formats"
            )
        }
        func diverged(_ reason: String) -> JournalError {
            JournalError(
                .diverged,
                "commit \(number) in the log does not fit the journal of partition \(identity.partition) at commit "
                    + "\(standing.commit): \(reason)"
            )
        }
        guard number == standing.commit.next else { throw diverged("it is not the next one") }
        guard commit.previous == standing.checksum else {
            throw diverged("it follows another commit \(number.previous)")
        }
        do {
            try commit.changes.apply(to: database)
            let found = try Self.standing(statements)
            guard found == commit.standing else {
                throw diverged("it leads to commit \(found.commit) with another checksum or epoch than it should")
            }
        } catch let misfit as JournalChanges.Misfit {
            throw diverged(misfit.message)
        } catch let damage as Damage {
            throw diverged(damage.message)
        }
    }

    private static func standing(_ statements: JournalStatements) throws -> JournalPosition {
        try JournalPosition(from: statements.progress)
    }

    package func snapshot() throws(JournalError) -> any JournalSnapshot {
        let place = try openPlace()
        return try access { _, _ in try place.snapshot() }
    }
}
