/// How far a zone's clocks are ahead of UTC, at any time: what a file of the tz database (TZif, RFC 9636) says.
package struct ZoneRules: Equatable, Sendable {
    /// UTC itself.
    package static let utc = ZoneRules(first: 0, changes: [], rule: nil)

    /// Ahead of UTC, in seconds, before the first change.
    private let first: Int
    private let changes: [Change]
    /// After the last change; nil where that stays as it is.
    private let rule: ZoneRule?

    private struct Change: Equatable {
        /// Seconds since 1970.
        let time: Int64
        let offset: Int
    }

    private init(first: Int, changes: [Change], rule: ZoneRule?) {
        self.first = first
        self.changes = changes
        self.rule = rule
    }

    /// Nil for what is not such a file.
    package init?(_ bytes: [UInt8]) {
        guard let old = Header(bytes, at: 0) else { return nil }
        // A file of the first version has times of four bytes only, and no rule.
        let isOld = old.version < 0x32
        guard let header = isOld ? old : Header(bytes, at: old.end(times: 4)) else { return nil }
        let width = isOld ? 4 : 8
        guard header.types > 0, header.end(times: width) <= bytes.count else { return nil }
        let indices = header.start + header.times * width
        let types = indices + header.times
        func offset(_ type: Int) -> Int? {
            type < header.types ? Int(Int32(truncatingIfNeeded: bytes.number(at: types + type * 6, 4))) : nil
        }
        guard let first = offset(0) else { return nil }
        var changes: [Change] = []
        for index in 0..<header.times {
            guard let offset = offset(Int(bytes[indices + index])) else { return nil }
            changes.append(Change(time: bytes.number(at: header.start + index * width, width), offset: offset))
        }
        let footer = isOld ? [] : bytes[header.end(times: width)...].dropFirst().prefix { $0 != 0x0A }
        self.init(first: first, changes: changes, rule: ZoneRule(String(decoding: footer, as: UTF8.self)))
    }

    /// Ahead of UTC, in seconds, at a time in seconds since 1970.
    package func offset(at time: Int64) -> Int {
        if let rule, changes.last.map({ time >= $0.time }) ?? true { return rule.offset(at: time) }
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? first : changes[low - 1].offset
    }

    /// The times at which this zone's clocks show `local`, seconds since 1970 as if it were UTC: one, two where clocks
    /// are set back, none where they are set forward.
    package func times(showing local: Int64) -> [Int64] {
        let offsets = setting(around: local)
        let times = offsets.before == offsets.after ? [offsets.before] : [offsets.before, offsets.after]
        return times.map { local - Int64($0) }.filter { $0 + Int64(offset(at: $0)) == local }.sorted()
    }

    /// The first time after the gap that `local` is in.
    package func endOfGap(around local: Int64) -> Int64 {
        let offsets = setting(around: local)
        var (low, high) = (local - Int64(offsets.after), local - Int64(offsets.before))
        while low < high {
            let middle = low + (high - low) / 2
            if middle + Int64(offset(at: middle)) > local { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// All that its clocks may be ahead within two days of `local`.
    package func offsets(around local: Int64) -> Set<Int> {
        let around = setting(around: local)
        return [around.before, around.after]
    }

    /// Two days away: clocks have been set by a whole day, and are set twice within four days nowhere.
    private func setting(around local: Int64) -> (before: Int, after: Int) {
        (offset(at: local - 172_800), offset(at: local + 172_800))
    }
}

/// The counts at the begin of a file's block, and where its data lies.
private struct Header {
    let version: UInt8
    /// Where its data starts.
    let start: Int
    let times: Int
    let types: Int
    private let texts: Int
    private let leaps: Int
    private let flags: Int

    init?(_ bytes: [UInt8], at place: Int) {
        guard bytes.count >= place + 44, Array(bytes[place..<place + 4]) == Array("TZif".utf8) else { return nil }
        version = bytes[place + 4]
        start = place + 44
        let counts = (0..<6).map { Int(bytes.number(at: place + 20 + $0 * 4, 4)) }
        guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
        flags = counts[0] + counts[1]
        (leaps, times, types, texts) = (counts[2], counts[3], counts[4], counts[5])
    }

    /// Where its data ends.
    func end(times width: Int) -> Int { start + times * (width + 1) + types * 6 + texts + leaps * (width + 4) + flags }
}

extension [UInt8] {
    /// A big-endian number; one of four bytes has a sign, too.
    fileprivate func number(at place: Int, _ width: Int) -> Int64 {
        let value = self[place..<place + width].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return width == 4 ? Int64(Int32(truncatingIfNeeded: value)) : value
    }
}
