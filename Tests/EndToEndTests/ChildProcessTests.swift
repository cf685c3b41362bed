import Foundation
import RepriseTestSupport
import Testing

@Suite struct ChildProcessTests {
    /// It was started, and no one had its id: the test waited for its end.
    @Test(.timeLimit(.minutes(1))) func whoeverIsCanceledMeanwhileCanEndIt() async throws {
        let launch = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await ChildProcess.launch(
                "/bin/sleep",
                ["1000"],
                environment: [:],
                output: "/dev/null",
                errors: "/dev/null"
            )
        }
        let process = try await launch.value
        kill(process.processID, SIGKILL)
        #expect(await process.end() == 128 + SIGKILL)
        #expect(process.hasEnded)
    }

    @Test func whatCannotBeStartedIsAnError() async throws {
        await #expect(throws: (any Error).self) {
            _ = try await ChildProcess.launch(
                "/no/such/program",
                [],
                environment: [:],
                output: "/dev/null",
                errors: "/dev/null"
            )
        }
    }
}
