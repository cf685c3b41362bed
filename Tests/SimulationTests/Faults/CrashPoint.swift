/// The numbered steps of the commit path, of a take-over, of a new segment, and of a standby: between any two of them
/// the process may die, freeze, or lose its connections.
enum CrashPoint: Int, CaseIterable {
    case beforeStaging = 1
    case staged
    case appendWritten
    case appendConfirmed
    case committed
    case acknowledged
    case publishing
    case published
    case lockTaken
    case fenceWritten
    case fenceConfirmed
    case segmentOpened
    case snapshotPieceWritten
    case snapshotConfirmed
    case pointerWritten
    case pointerConfirmed
    case sealConfirmed
    case standbyApplying
    case standbyApplied
    case snapshotArriving
    case snapshotWhole
    case snapshotInPlace

    /// In a hundred thousand: rare steps are met with more trouble.
    var risk: Int {
        switch self {
        case .beforeStaging, .staged, .appendWritten, .appendConfirmed, .committed, .acknowledged, .published: 700
        case .publishing: 500
        case .standbyApplying, .standbyApplied: 300
        case .lockTaken, .fenceWritten, .fenceConfirmed: 4000
        case .segmentOpened, .snapshotPieceWritten, .snapshotConfirmed, .pointerWritten, .pointerConfirmed: 4000
        case .sealConfirmed: 12_000
        case .snapshotArriving, .snapshotWhole, .snapshotInPlace: 2500
        }
    }
}

/// What the simulation is about: each must have happened somewhere, or a run of many seeds has proved nothing of it.
enum Happening: String, CaseIterable {
    case takeOver, handOver, rebuild, segment, committedBesideASnapshot, snapshotDelayed, noRoomForASnapshot,
        lateRecord, duplicate, dropped, eviction,
        cut, mended, returned
    case unconfirmed, straggler, tasksPurged, resent, brokerWiped
    case begunUnderAnotherClock, journalRestored, journalRestoredForGood
    case brokerKilled, youngStreamLost, logLostItsEnd, seededAgain, diskLost, diskFull, rowDamaged, rowDamageFound
    case unconfirmedButThere, fencedAgain, nodeKilled, nodeFrozen, clockStep, clockLeapt, codeMissing, deadLetter,
        workerDied
    case foreignToken, refusedLock
    case workerHung, startedLater, rivalRefused, continuedAsNew, rewound, childStarted, otherStarted, childTerminated
    case childPurged, signalDelayed, entityDeleted, progressHeard, progressOver, progressHandedOn
    case codeCanceled, cleanUpCut, wardCanceled
}

/// How often everything happened.
struct Coverage {
    private(set) var happenings: [Happening: Int] = [:]
    private(set) var reached: [CrashPoint: Int] = [:]
    private(set) var died: [CrashPoint: Int] = [:]
    private(set) var froze: [CrashPoint: Int] = [:]
    private(set) var cut: [CrashPoint: Int] = [:]

    mutating func note(_ happening: Happening) { happenings[happening, default: 0] += 1 }
    mutating func reach(_ point: CrashPoint) { reached[point, default: 0] += 1 }
    mutating func die(_ point: CrashPoint) { died[point, default: 0] += 1 }
    mutating func freeze(_ point: CrashPoint) { froze[point, default: 0] += 1 }
    mutating func cut(_ point: CrashPoint) { cut[point, default: 0] += 1 }

    mutating func add(_ other: Coverage) {
        happenings.merge(other.happenings, uniquingKeysWith: +)
        reached.merge(other.reached, uniquingKeysWith: +)
        died.merge(other.died, uniquingKeysWith: +)
        froze.merge(other.froze, uniquingKeysWith: +)
        cut.merge(other.cut, uniquingKeysWith: +)
    }

    /// What never happened.
    var gaps: [String] {
        Happening.allCases.filter { happenings[$0] == nil }.map(\.rawValue)
            + CrashPoint.allCases.filter { died[$0] == nil }.map { "death at \($0)" }
            + CrashPoint.allCases.filter { froze[$0] == nil }.map { "freeze at \($0)" }
            + CrashPoint.allCases.filter { cut[$0] == nil }.map { "cut at \($0)" }
    }

    var table: String {
        let events = Happening.allCases.map { "  \($0.rawValue): \(happenings[$0] ?? 0)" }
        let points = CrashPoint.allCases.map { point in
            "  \(point.rawValue). \(point): reached \(reached[point] ?? 0), died \(died[point] ?? 0), "
                + "frozen \(froze[point] ?? 0), cut off \(cut[point] ?? 0)"
        }
        return (events + points).joined(separator: "\n")
    }
}
