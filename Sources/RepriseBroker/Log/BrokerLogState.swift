import RepriseEngine
import RepriseKernel
import Synchronization

/// What a log remembers of its own ownership.
final class BrokerLogState: Sendable {
    private struct Contents {
        var journal: JournalID?
        var records: UInt64 = 0
    }

    private let contents: Mutex<Contents>

    init(journal: JournalID?) { contents = Mutex(Contents(journal: journal)) }

    var journal: JournalID? { contents.withLock { $0.journal } }

    func nextRecord() -> UInt64 {
        contents.withLock { contents in
            contents.records += 1
            return contents.records
        }
    }

    /// A journal that is made when its partition begins is named by the head of its first segment.
    func noteJournal(in record: [UInt8]) {
        guard journal == nil, case .head(let head)? = try? LogRecordCodec.decode(record) else { return }
        contents.withLock { $0.journal = head.identity.id }
    }
}
