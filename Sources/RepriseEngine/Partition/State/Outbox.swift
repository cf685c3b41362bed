package import RepriseKernel

/// Which outbound messages the broker has: a watermark, the ranges confirmed beyond it, and where the rest are.
///
/// Numbers only grow; a message is never stored twice: it is read from the history row that decided it.
package struct Outbox: Equatable, Sendable {
    /// Every number up to this one is settled.
    package private(set) var confirmedThrough: OutboundNumber
    /// Settled beyond it: ascending, neither touching nor overlapping.
    package private(set) var confirmedBeyond: [ClosedRange<OutboundNumber>]
    /// History rows that hold unsettled messages, oldest first: the last number of each, and its position.
    private var rows: [(last: OutboundNumber, position: HistoryPosition)] = []
    private var firstRow = 0
    /// Unsettled numbers.
    private var inFlight: [OutboundNumber: Place] = [:]
    private var statusesInFlight = 0

    private struct Place: Equatable {
        /// The history row that holds it; 0 for inline messages.
        var position: HistoryPosition
        var isStatus: Bool
    }

    package init(confirmedThrough: OutboundNumber = 0, confirmedBeyond: [ClosedRange<OutboundNumber>] = []) {
        self.confirmedThrough = confirmedThrough
        self.confirmedBeyond = confirmedBeyond
    }

    package var unconfirmedCount: Int { inFlight.count }

    /// Without status messages: those depend on subscribers, and strangers must not hold up anything.
    package var unconfirmedWorkCount: Int { inFlight.count - statusesInFlight }

    /// No history row before this position holds an unsettled message; `next` when none does.
    package func unconfirmedFrom(next: HistoryPosition) -> HistoryPosition {
        firstRow < rows.count ? rows[firstRow].position : next
    }

    package func isSettled(_ number: OutboundNumber) -> Bool {
        number <= confirmedThrough || confirmedBeyond.contains { $0.contains(number) }
    }

    /// Where an unsettled message is; nil when it is settled or unknown.
    package func position(of number: OutboundNumber) -> HistoryPosition? { inFlight[number]?.position }

    /// Those that are not status messages, and where they are.
    package var unsettledWork: [(number: OutboundNumber, position: HistoryPosition)] {
        inFlight.compactMap { $1.isStatus ? nil : ($0, $1.position) }
    }

    /// Messages that are about to be published. Called in ascending order of numbers.
    ///
    /// - Parameter statuses: those of them that are status messages, ascending.
    package mutating func add(
        _ numbers: some Sequence<OutboundNumber>,
        position: HistoryPosition,
        statuses: [OutboundNumber] = []
    ) {
        var last: OutboundNumber?
        var statuses = statuses[...]
        for number in numbers {
            while let first = statuses.first, first < number { statuses.removeFirst() }
            let isStatus = statuses.first == number
            if isStatus { statusesInFlight += 1 }
            inFlight[number] = Place(position: position, isStatus: isStatus)
            last = number
        }
        if let last, position != 0 { rows.append((last, position)) }
    }

    /// The broker has it, or it was moved to the retry table.
    package mutating func settle(_ number: OutboundNumber) {
        if inFlight.removeValue(forKey: number)?.isStatus == true { statusesInFlight -= 1 }
        guard number > confirmedThrough else { return }
        if number == confirmedThrough.next {
            confirmedThrough = number
            if let first = confirmedBeyond.first, first.lowerBound == confirmedThrough.next {
                confirmedThrough = first.upperBound
                confirmedBeyond.removeFirst()
            }
        } else {
            insert(number)
        }
        while firstRow < rows.count, rows[firstRow].last <= confirmedThrough { firstRow += 1 }
        if firstRow > 1024, firstRow * 2 > rows.count {
            rows.removeFirst(firstRow)
            firstRow = 0
        }
    }

    private mutating func insert(_ number: OutboundNumber) {
        var index = confirmedBeyond.count
        while index > 0, confirmedBeyond[index - 1].lowerBound > number { index -= 1 }
        if index > 0, confirmedBeyond[index - 1].contains(number) { return }
        let joinsLeft = index > 0 && confirmedBeyond[index - 1].upperBound.next == number
        let joinsRight = index < confirmedBeyond.count && confirmedBeyond[index].lowerBound == number.next
        switch (joinsLeft, joinsRight) {
        case (true, true):
            confirmedBeyond[index - 1] = confirmedBeyond[index - 1].lowerBound...confirmedBeyond[index].upperBound
            confirmedBeyond.remove(at: index)
        case (true, false):
            confirmedBeyond[index - 1] = confirmedBeyond[index - 1].lowerBound...number
        case (false, true):
            confirmedBeyond[index] = number...confirmedBeyond[index].upperBound
        case (false, false):
            confirmedBeyond.insert(number...number, at: index)
        }
    }

    package static func == (a: Outbox, b: Outbox) -> Bool {
        a.confirmedThrough == b.confirmedThrough && a.confirmedBeyond == b.confirmedBeyond && a.inFlight == b.inFlight
    }
}
