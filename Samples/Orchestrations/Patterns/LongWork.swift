import Reprise

/// Work of hours: whichever worker is lost at it, the next goes on where it was.
struct ImportCatalog: Orchestrator {
    func run(_ context: OrchestrationContext, input rows: Int) async throws -> Int {
        try await context.call(ImportRows.self, rows)
    }
}

struct ImportRows: Activity {
    static let options = ActivityOptions(
        retry: RetryPolicy(maximumAttempts: 10, firstInterval: .seconds(5)),
        heartbeat: .minutes(1)
    )

    func run(_ context: ActivityContext, input rows: Int) async throws -> Int {
        var row = try context.lastProgress(as: Int.self) ?? 0
        while row < rows {
            try await importRows(row..<min(row + 100, rows))
            row = min(row + 100, rows)
            try context.reportProgress(row)
        }
        return row
    }
}

extension ImportRows {
    /// Throws `CancellationError` when nobody waits for the import any longer.
    private func importRows(_ rows: Range<Int>) async throws { try Task.checkCancellation() }
}
