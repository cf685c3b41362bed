/// A number of one kind, which cannot be confused with another kind.
package protocol DomainNumber: RawRepresentable<Int64>, Hashable, Strideable, Sendable, CustomStringConvertible,
    ExpressibleByIntegerLiteral
where Stride == Int64 {
    init(rawValue: Int64)
}

extension DomainNumber {
    @inlinable package init(integerLiteral value: Int64) { self.init(rawValue: value) }

    @inlinable package static var max: Self { Self(rawValue: .max) }

    @inlinable package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    @inlinable package var description: String { String(rawValue) }

    /// The number that many steps above, or below; it stops at the highest and the lowest number.
    @inlinable package func advanced(by steps: Int64) -> Self {
        let (next, isBeyond) = rawValue.addingReportingOverflow(steps)
        return Self(rawValue: isBeyond ? (steps > 0 ? .max : .min) : next)
    }

    @inlinable package static func += (number: inout Self, steps: Int64) { number = number.advanced(by: steps) }

    /// The one after it.
    @inlinable package var next: Self { advanced(by: 1) }

    /// The one before it.
    @inlinable package var previous: Self { advanced(by: -1) }

    /// How many steps there are to another number; the largest value if there are more.
    @inlinable package func distance(to other: Self) -> Int64 {
        let (steps, isBeyond) = other.rawValue.subtractingReportingOverflow(rawValue)
        return isBeyond ? (other > self ? .max : .min) : steps
    }
}

/// How often a partition has been taken over. Each owner has a higher epoch than all before it, and what an owner says
/// under a lower one no longer counts.
package struct Epoch: DomainNumber {
    package let rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Which commit of a partition, counted from 1; a partition that has committed nothing is at 0.
package struct CommitNumber: DomainNumber {
    package let rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A place in a partition's history: which row, in the order of commits, counted from 1; 0 is before the first.
package struct HistoryPosition: DomainNumber {
    package let rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Which message that a partition sends, counted from 1 over all of its life.
package struct OutboundNumber: DomainNumber {
    package let rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// An instance's number in its partition's journal: counted from 1 and never reused, even if the id is.
package struct InstanceKey: DomainNumber {
    package let rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Which status message of a partition, counted from 1: it lets listeners notice that one is missing.
package struct StatusSequenceNumber: DomainNumber {
    package let rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// A record that waits in a journal: an event for an instance that cannot take it yet, or does not exist.
package struct PendingNumber: DomainNumber {
    package let rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Which life of an instance's id: higher than all before it, after a purge too.
package struct Incarnation: DomainNumber {
    package let rawValue: Int64
    @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }

    /// The one that a commit begins: so no id begins two lives in one commit.
    package init(begunBy commit: CommitNumber) { self.init(rawValue: commit.rawValue) }
}
