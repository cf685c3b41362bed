import Foundation
import Reprise
import Synchronization

/// What activities have really done, written beside Reprise and not through it: the witness of the reconciliation.
///
/// One file per process and one line per begin and end of a run. Each line is one `write` at the end of the file, so
/// that a kill -9 leaves whole lines.
final class Ledger: Sendable {
    struct Entry: Encodable {
        enum Phase: String, Encodable { case began, completed, failed }

        var phase: Phase
        var key: String
        var instance: String
        var activity: String
        var step: String
        var attempt: Int
        var time = Int(Date().timeIntervalSince1970 * 1000)
        var process = ProcessInfo.processInfo.processIdentifier
    }

    struct CannotWrite: Error, CustomStringConvertible {
        var description: String
    }

    private let directory: String
    private let file: Mutex<Int32>

    init(directory: String) throws {
        self.directory = directory
        let path = "\(directory)/\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString).jsonl"
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw CannotWrite(description: "\(path): \(String(cString: strerror(errno))); set CHAOS_LEDGER")
        }
        self.file = Mutex(file)
    }

    func write(_ entry: Entry) throws {
        let line = try JSONEncoder().encode(entry) + Data("\n".utf8)
        let written = file.withLock { file in
            line.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
        }
        guard written == line.count else {
            throw CannotWrite(description: "the ledger took \(written) of \(line.count) bytes")
        }
    }

    /// Whether no other process of the suite has run this step of the instance under another key before.
    func isFirstKey(of step: String, _ context: ActivityContext) throws -> Bool {
        let path = "\(directory)/\(context.instanceID.value).\(step).key"
        let draft = "\(path).\(UUID().uuidString)"
        try context.idempotencyKey.write(toFile: draft, atomically: false, encoding: .utf8)
        defer { unlink(draft) }
        // The first to link has written all of it before.
        guard link(draft, path) != 0 else { return true }
        return try String(contentsOfFile: path, encoding: .utf8) == context.idempotencyKey
    }

    /// Runs a piece of work between its entries.
    func record<Output>(
        _ activity: String,
        step: String,
        _ context: ActivityContext,
        _ work: () async throws -> Output
    ) async throws -> Output {
        var entry = Entry(
            phase: .began,
            key: context.idempotencyKey,
            instance: context.instanceID.value,
            activity: activity,
            step: step,
            attempt: context.attempt
        )
        func note(_ phase: Entry.Phase) throws {
            entry.phase = phase
            entry.time = Int(Date().timeIntervalSince1970 * 1000)
            try write(entry)
        }
        try write(entry)
        do {
            let output = try await work()
            try note(.completed)
            return output
        } catch {
            try note(.failed)
            throw error
        }
    }
}
