import Foundation
import RepriseEngine
import RepriseJournal
import RepriseKernel
import Testing

/// A process really dies in a turn, and the next one reads what it left in the file that it wrote.
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
        #expect(marker.takeUnfinished() == UnfinishedTurn(instance: InstanceID(trusted: "köln"), death: .trapped))
        #expect(marker.takeUnfinished() == nil)
    }

    @Test("A trap outside of turns blames no one")
    func between() async throws {
        let path = directory.path
        await #expect(processExitsWith: .failure) { [path = path as String] in
            let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
            marker.enter(InstanceID(trusted: "a"))
            marker.leave()
            preconditionFailure("somebody else's")
        }
        #expect(try CrashMarker(directory: path, partition: PartitionNumber(0)).takeUnfinished() == nil)
    }

    @Test("A plain kill in a turn is told from a trap")
    func killed() async throws {
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
            marker.epoch = 7
            marker.beginTrial(of: InstanceID(trusted: "a"))
            marker.enter(InstanceID(trusted: "a"))
            kill(getpid(), SIGKILL)
        }
        let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
        let turn = UnfinishedTurn(instance: InstanceID(trusted: "a"), death: .killed, epoch: 7, isTrial: true)
        #expect(marker.takeUnfinished() == turn)
        #expect(marker.takeUnfinished() == nil && marker.epoch == 7)
    }

    @Test("Of a turn that is tried it is known that no one died in it", arguments: [false, true])
    func outside(hasRun: Bool) async throws {
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, hasRun = hasRun as Bool] in
            let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
            marker.epoch = 7
            marker.beginTrial(of: InstanceID(trusted: "a"))
            if hasRun {
                marker.enter(InstanceID(trusted: "a"))
                marker.leave()
            }
            kill(getpid(), SIGKILL)
        }
        let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
        let turn = UnfinishedTurn(instance: InstanceID(trusted: "a"), death: .none, epoch: 7, isTrial: true)
        #expect(marker.takeUnfinished() == turn)
        marker.beginTrial(of: InstanceID(trusted: "a"))
        marker.endTrial()
        marker.enter(InstanceID(trusted: "b"))
        marker.leave()
        #expect(marker.takeUnfinished() == nil)
    }

    @Test("The watchdog marks the turn that it has watched, and no other")
    func timedOut() throws {
        let marker = try CrashMarker(directory: directory.path, partition: PartitionNumber(0))
        #expect(marker.currentTurn == nil)
        marker.enter(InstanceID(trusted: "a"))
        let turn = try #require(marker.currentTurn)
        marker.leave()
        marker.enter(InstanceID(trusted: "b"))
        #expect(marker.markTimedOut(turn) == nil)
        #expect(marker.markTimedOut(try #require(marker.currentTurn)) == InstanceID(trusted: "b"))
        let next = try CrashMarker(directory: directory.path, partition: PartitionNumber(0))
        #expect(next.takeUnfinished() == UnfinishedTurn(instance: InstanceID(trusted: "b"), death: .timedOut))
    }

    /// While it was mapped, the file ended the process with SIGBUS at the next turn.
    @Test("A marker whose file someone empties goes on, and names the next turn", arguments: [false, true])
    func emptied(isTried: Bool) async throws {
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, isTried = isTried as Bool] in
            let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
            marker.epoch = 7
            let file = "\(path)/partition-0.turn"
            for _ in 1...3 {
                truncate(file, 0)
                marker.enter(InstanceID(trusted: "a"))
                truncate(file, 0)
                marker.leave()
            }
            truncate(file, 0)
            if isTried { marker.beginTrial(of: InstanceID(trusted: "b")) }
            truncate(file, 0)
            marker.enter(InstanceID(trusted: "b"))
            kill(getpid(), SIGKILL)
        }
        let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
        let turn = UnfinishedTurn(instance: InstanceID(trusted: "b"), death: .killed, epoch: 7, isTrial: isTried)
        #expect(marker.takeUnfinished() == turn)
    }

    @Test("Where an emptied file cannot be written, the process goes on without it, and writes it again when it can")
    func unwritable() async throws {
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
            let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
            var limit = rlimit()
            getrlimit(resource, &limit)
            let usual = limit.rlim_cur
            signal(SIGXFSZ, SIG_IGN)
            limit.rlim_cur = 0
            setrlimit(resource, &limit)
            truncate("\(path)/partition-0.turn", 0)
            for _ in 1...3 {
                marker.enter(InstanceID(trusted: "a"))
                marker.leave()
            }
            limit.rlim_cur = usual
            setrlimit(resource, &limit)
            marker.enter(InstanceID(trusted: "b"))
            kill(getpid(), SIGKILL)
        }
        let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
        #expect(marker.takeUnfinished() == UnfinishedTurn(instance: InstanceID(trusted: "b"), death: .killed))
    }

    @Test("A trap in a turn whose marker was emptied takes its course")
    func emptiedInTrap() async throws {
        let path = directory.path
        await #expect(processExitsWith: .failure) { [path = path as String] in
            let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
            marker.enter(InstanceID(trusted: "a"))
            truncate("\(path)/partition-0.turn", 0)
            preconditionFailure("what an orchestrator must not do")
        }
        let marker = try CrashMarker(directory: path, partition: PartitionNumber(0))
        #expect(marker.takeUnfinished() == UnfinishedTurn(instance: InstanceID(trusted: "a"), death: .trapped))
    }
}
