import Foundation
import RepriseNode

/// A node with the orchestrations that the chaos suite (`infra/chaos`) starts, and whose outputs it can foretell.
///
/// Settings come from the environment, as of any node; `CHAOS_LEDGER` is the directory for the ledger of activities.
@main struct Main {
    static func main() async throws {
        let directory = ProcessInfo.processInfo.environment["CHAOS_LEDGER"] ?? FileManager.default.currentDirectoryPath
        let ledger = try Ledger(directory: directory)
        await Node(
            orchestrators: [
                Chain(), Spread(), Persisting(), Awaiting(), Sleeping(), Approval(), Stuttering(), Family(), Cycling(),
                Patching(), Transferring(), Paying(), Guarding(), Captive(), Hurrying(), Mending(), Tasting(),
                Tripping(), Renouncing(),
            ],
            activities: [
                Work(ledger: ledger), Flaky(ledger: ledger), Dawdle(ledger: ledger), Repair(ledger: ledger),
                Taste(ledger: ledger),
            ],
            entities: [Account()],
            configuration: .fromEnvironment()
        ).runUntilSignalled()
    }
}
