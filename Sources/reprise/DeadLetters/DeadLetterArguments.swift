import ArgumentParser
import RepriseBroker
import RepriseEngine

/// The dead letters that a command is about.
struct DeadLetterArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("Dead letters, as 'dead list' names them.", valueName: "id"))
    var ids: [String] = []

    @Flag(help: "All dead letters there are now.")
    var all = false

    func validate() throws {
        guard all == ids.isEmpty else {
            throw ValidationError(all ? "either ids, or --all" : "name dead letters by their ids, or use --all")
        }
    }

    /// Continues after one that fails.
    ///
    /// - Throws: the failure, when there was one; a count, when there were several.
    func each(
        _ letters: DeadLetters,
        _ work: (DeadLetters, String) async throws -> Void
    ) async throws {
        var ids = ids
        if all { ids = try await letters.list(limit: 10_000).letters.map(\.id) }
        var failures: [any Error] = []
        for id in ids {
            do {
                try await work(letters, id)
            } catch {
                guard let failure = CommandFailure(error), failure.code == .failed else { throw error }
                if ids.count > 1 { Output.note("error: \(failure.message)") }
                failures.append(failure)
            }
        }
        guard let first = failures.first else { return }
        throw ids.count == 1
            ? first : CommandFailure(.failed, "\(failures.count) of \(ids.count) dead letters could not be dealt with")
    }
}
