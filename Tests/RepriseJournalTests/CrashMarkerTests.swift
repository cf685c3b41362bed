import Foundation
import RepriseJournal
import RepriseKernel
import Testing

/// A process really dies in a turn, and the next one reads what it left in the mapped file.
@Suite("The crash marker")
struct CrashMarkerTests {
    let directory = JournalDirectory()

    @Test("A trap in a turn names its instance, once")
    func trapped() async throws {
        let path = directory.path
        await #expect(processExitsWith: .failure) { [path = path as String] in
            let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
            marker.enter(InstanceID(trusted: "köln"))
            preconditionFailure("what an orchestrator must not do")
        }
        let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
        #expect(marker.takeTrapped() == InstanceID(trusted: "köln"))
        #expect(marker.takeTrapped() == nil)
    }

    @Test("A trap outside of turns blames nobody")
    func between() async throws {
        let path = directory.path
        await #expect(processExitsWith: .failure) { [path = path as String] in
            let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
            marker.enter(InstanceID(trusted: "a"))
            marker.leave()
            preconditionFailure("somebody else's")
        }
        #expect(try CrashMarker(directory: path, partition: PartitionNumber(0)).takeTrapped() == nil)
    }

    @Test("A plain kill in a turn is no trap")
    func killed() async throws {
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
            marker.enter(InstanceID(trusted: "a"))
            kill(getpid(), SIGKILL)
        }
        #expect(try CrashMarker(directory: path, partition: PartitionNumber(0)).takeTrapped() == nil)
    }
}
