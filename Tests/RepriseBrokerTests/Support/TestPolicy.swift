import RepriseEngine
import RepriseKernel
import Synchronization

@testable import RepriseBroker

/// What the nodes of a test tell each other.
final class TestBoard: Sendable {
    private let pointers = Mutex<[PartitionNumber: LogAddress]>([:])

    func pointer(of partition: PartitionNumber) -> LogAddress? { pointers.withLock { $0[partition] } }

    func take(_ announcement: PartitionAnnouncement) {
        guard announcement.role == .owner, let log = announcement.log else { return }
        pointers.withLock { $0[announcement.partition] = log }
    }
}

/// Wants whatever it can get, until it is told otherwise.
final class TestPolicy: AssignmentPolicy {
    private struct State {
        var isEager: Bool
        var isUnwanted = false
        var bootstrap = BootstrapAnswer.here
        var bootstraps = 0
        var announcements: [PartitionAnnouncement] = []
    }

    private let board: TestBoard
    private let state: Mutex<State>
    private static let pause = Duration.milliseconds(20)

    init(board: TestBoard = TestBoard(), isEager: Bool = true, bootstrap: BootstrapAnswer = .here) {
        self.board = board
        state = Mutex(State(isEager: isEager, bootstrap: bootstrap))
    }

    var isEager: Bool {
        get { state.withLock { $0.isEager } }
        set { state.withLock { $0.isEager = newValue } }
    }

    var isUnwanted: Bool {
        get { state.withLock { $0.isUnwanted } }
        set { state.withLock { $0.isUnwanted = newValue } }
    }

    var bootstrap: BootstrapAnswer {
        get { state.withLock { $0.bootstrap } }
        set { state.withLock { $0.bootstrap = newValue } }
    }

    /// How often it was asked who should begin.
    var bootstraps: Int { state.withLock { $0.bootstraps } }
    var latest: PartitionAnnouncement? { state.withLock { $0.announcements.last } }
    var troubles: [String] { state.withLock { $0.announcements.compactMap(\.trouble) } }

    func untilWanted(_ partition: PartitionNumber) async throws(CancellationError) {
        repeat { try await pause() } while !isEager
    }

    func untilUnwanted(_ partition: PartitionNumber) async throws(CancellationError) {
        while !isUnwanted { try await pause() }
    }

    func pointer(of partition: PartitionNumber) async throws(CancellationError) -> LogAddress {
        while true {
            if let pointer = board.pointer(of: partition) { return pointer }
            try await pause()
        }
    }

    func bootstrap(
        _ partition: PartitionNumber,
        holding: HeldJournal?
    ) async throws(CancellationError) -> BootstrapAnswer {
        state.withLock { state in
            state.bootstraps += 1
            return state.bootstrap
        }
    }

    func note(_ announcement: PartitionAnnouncement) {
        state.withLock { $0.announcements.append(announcement) }
        board.take(announcement)
    }

    private func pause() async throws(CancellationError) {
        do { try await Task.sleep(for: Self.pause) } catch { throw CancellationError() }
    }
}
