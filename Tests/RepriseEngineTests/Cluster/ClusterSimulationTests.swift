import Foundation
import RepriseKernel
import RepriseTestOrchestrators
import RepriseTestSupport
import Testing

@testable import RepriseEngine

/// Nodes come, go, die and freeze; shares become even, and nothing moves without need.
@Suite struct ClusterSimulationTests {
    private static let seeds: ClosedRange<UInt64> = 1...20

    @Test(arguments: [1, 4, 16]) func aSingleNodeHasAllInAMoment(partitions: Int) {
        let cluster = SimulatedCluster(seed: 1, partitions: partitions)
        cluster.join()
        cluster.run(for: .milliseconds(1_500))
        #expect(cluster.shares == [partitions])
    }

    @Test(arguments: [(2, 4), (3, 4), (3, 8), (4, 16)])
    func newcomersGetTheirShareAndNoMore(nodes: Int, partitions: Int) {
        for seed in Self.seeds {
            let cluster = SimulatedCluster(seed: seed, partitions: partitions)
            cluster.join()
            cluster.run(for: .seconds(10))
            for _ in 1..<nodes { cluster.join() }
            cluster.run(for: .seconds(20))
            expectEven(cluster, seed)
            let (moves, takes) = (cluster.moves, cluster.takes)
            let need = cluster.shares.dropFirst().reduce(0, +)
            // One that came first may have to give to those that come after.
            #expect((need...(need + nodes)).contains(moves), "seed \(seed)")
            cluster.run(for: .seconds(40))
            #expect(cluster.moves == moves && cluster.takes == takes, "seed \(seed): nothing is to move any more")
        }
    }

    @Test func nodesThatBeginTogetherShareWithoutMoves() {
        for seed in Self.seeds {
            let cluster = SimulatedCluster(seed: seed, partitions: 4)
            for _ in 0..<2 { cluster.join() }
            cluster.run(for: .seconds(30))
            expectEven(cluster, seed)
            #expect(cluster.takes - cluster.moves == 4, "seed \(seed)")
        }
    }

    @Test func whatAKilledNodeHadIsTakenInUnderTwoSeconds() throws {
        var holes: [Duration] = []
        for seed in Self.seeds {
            let cluster = settled(seed, nodes: 3, partitions: 8)
            let before = cluster.holes.count
            cluster.kill(Int(seed % 3))
            cluster.run(for: .seconds(2))
            expectEven(cluster, seed)
            holes += cluster.holes[before...]
            cluster.run(for: .seconds(60))
            expectEven(cluster, seed)
            #expect(cluster.moves == 5, "seed \(seed): nothing moves but what the dead one had")
        }
        #expect(try #require(holes.max()) < .seconds(1))
    }

    @Test func whatAFrozenNodeHadIsTakenAndItGetsItsShareAgain() throws {
        for seed in Self.seeds {
            let cluster = settled(seed, nodes: 3, partitions: 4)
            let frozen = Int(seed % 3)
            cluster.freeze(frozen, for: .seconds(40))
            cluster.run(for: .seconds(17))
            #expect(!cluster.locks.contains(frozen) && !cluster.locks.contains(nil), "seed \(seed)")
            expectEven(cluster, seed)
            cluster.run(for: .seconds(40))
            expectEven(cluster, seed)
        }
    }

    @Test(arguments: [0, 20]) func aRestartOfTheBrokerMovesNothing(lost: Int) {
        for seed in Self.seeds {
            let cluster = settled(seed, nodes: 3, partitions: 8)
            let (owners, moves) = (cluster.locks, cluster.moves)
            cluster.lostAnnouncements = lost
            for downtime in [0.1, 4, 13, 60] {
                cluster.restartBroker(after: .seconds(downtime))
                cluster.run(for: .seconds(downtime + 3))
                #expect(cluster.locks == owners, "seed \(seed), away for \(downtime) s")
            }
            cluster.run(for: .seconds(60))
            #expect(cluster.locks == owners && cluster.moves == moves, "seed \(seed)")
        }
    }

    @Test func aNodeThatLeavesHandsOverAtOnce() throws {
        var holes: [Duration] = []
        for seed in Self.seeds {
            let cluster = settled(seed, nodes: 3, partitions: 8)
            let before = cluster.holes.count
            cluster.leave(0)
            cluster.run(for: .milliseconds(700))
            expectEven(cluster, seed)
            #expect(!cluster.locks.contains(0), "seed \(seed)")
            holes += cluster.holes[before...]
        }
        #expect(try #require(holes.max()) < .milliseconds(250))
    }

    @Test func withoutALogAPartitionStaysWithItsJournal() {
        for seed in Self.seeds {
            let cluster = SimulatedCluster(seed: seed, partitions: 4, hasLog: false)
            for _ in 0..<2 { cluster.join() }
            cluster.run(for: .seconds(10))
            #expect(!cluster.locks.contains(nil), "seed \(seed)")
            let owners = cluster.locks
            cluster.join()
            cluster.run(for: .seconds(30))
            #expect(cluster.locks == owners && cluster.moves == 0, "seed \(seed)")
            cluster.kill(0)
            cluster.run(for: .seconds(30))
            #expect(cluster.locks == owners.map { $0 == 0 ? nil : $0 }, "seed \(seed)")
            cluster.restart(0)
            cluster.run(for: .seconds(1))
            #expect(cluster.locks == owners, "seed \(seed)")
            cluster.restartBroker(after: .seconds(5))
            cluster.run(for: .seconds(8))
            #expect(cluster.locks == owners && cluster.moves == 0, "seed \(seed)")
        }
    }

    @Test func whateverHappensSharesBecomeEvenAndStay() throws {
        for seed in 1...60 as ClosedRange<UInt64> {
            let cluster = SimulatedCluster(seed: seed, partitions: [4, 8, 12][Int(seed % 3)])
            cluster.lostAnnouncements = [0, 10, 40][Int(seed / 3 % 3)]
            for _ in 0..<(1 + seed % 4) { cluster.join() }
            cluster.run(for: .seconds(12))
            for _ in 0..<12 {
                disturb(cluster)
                cluster.run(for: .milliseconds(100 + Int(cluster.random.next() % 8_000)))
            }
            if cluster.living.isEmpty { cluster.join() }
            cluster.run(for: .seconds(150))
            expectEven(cluster, seed)
            cluster.lostAnnouncements = 0
            let (takes, moves) = (cluster.takes, cluster.moves)
            cluster.run(for: .seconds(40))
            #expect(cluster.takes == takes && cluster.moves == moves, "seed \(seed): nothing is to move any more")
        }
    }

    // MARK: Steps

    private func settled(_ seed: UInt64, nodes: Int, partitions: Int) -> SimulatedCluster {
        let cluster = SimulatedCluster(seed: seed, partitions: partitions)
        cluster.join()
        cluster.run(for: .seconds(2))
        for _ in 1..<nodes { cluster.join() }
        cluster.run(for: .seconds(30))
        expectEven(cluster, seed)
        return cluster
    }

    private func disturb(_ cluster: SimulatedCluster) {
        let draw = cluster.random.next() % 12
        let someone =
            cluster.living.isEmpty ? nil : cluster.living[Int(cluster.random.next() % UInt64(cluster.living.count))]
        switch (draw, someone) {
        case (0, _), (1, _): if cluster.living.count < 6 { cluster.join() }
        case (2, let node?), (3, let node?): cluster.kill(node)
        case (4, let node?), (5, let node?): cluster.freeze(node, for: .seconds(Int(cluster.random.next() % 30) + 1))
        case (6, let node?), (7, let node?): cluster.cut(node)
        case (8, let node?): cluster.leave(node)
        case (9, _), (10, _):
            if let dead = cluster.nodes.indices.first(where: { !cluster.nodes[$0].isAlive }) { cluster.restart(dead) }
        default: cluster.restartBroker(after: .seconds(Int(cluster.random.next() % 15)))
        }
    }

    private func expectEven(
        _ cluster: SimulatedCluster,
        _ seed: UInt64,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let shares = cluster.shares
        #expect(
            shares.reduce(0, +) == cluster.partitionCount && (shares.max() ?? 0) - (shares.min() ?? 0) <= 1,
            "seed \(seed): shares \(shares), locks \(cluster.locks)",
            sourceLocation: sourceLocation
        )
    }
}
