public import Foundation

extension Schedule {
    /// Lets the times of a schedule pass without a start, until it is unpaused. What runs goes on, and a trigger still
    /// starts.
    public struct Pause: ExternalEvent, Equatable {
        /// Why.
        public var note: String?
        /// A pause, with a note for whoever wonders.
        public init(note: String? = nil) { self.note = note }

        public init(from decoder: any Decoder) throws {
            note = try NoteEvent(from: decoder, "a pause").note
        }
    }

    /// Lets a paused schedule start again, from its next time on; what was due in the pause is not made up for.
    public struct Unpause: ExternalEvent, Equatable {
        /// Why.
        public var note: String?
        /// The end of a pause, with a note in place of the former one.
        public init(note: String? = nil) { self.note = note }

        public init(from decoder: any Decoder) throws {
            note = try NoteEvent(from: decoder, "an unpause").note
        }
    }

    /// Starts once, now, by the schedule's overlap policy: also while it is paused.
    public struct Trigger: ExternalEvent, Equatable {
        /// A start now.
        public init() {}

        public init(from decoder: any Decoder) throws {
            guard try decoder.hasMembers() else { return }
            try decoder.checkMembers([], of: "a trigger")
        }
    }

    /// Starts for each time that is due from one moment to another, usually in the past: also for those that were started
    /// before and have ended, whose instances are replaced.
    ///
    /// All start at once where the schedule's overlap policy is ``Overlap/allowAll``. With any other they start one after
    /// another, whenever nothing runs, and none is left out.
    public struct Backfill: ExternalEvent, Equatable {
        /// The first moment.
        public var from: Date
        /// The last moment.
        public var to: Date

        /// The times from `from` to `to`, both included.
        public init(from: Date, to: Date) {
            self.from = from
            self.to = to
        }

        private enum CodingKeys: String, CodingKey, CaseIterable { case from, to }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            try decoder.checkMembers(CodingKeys.allCases.map(\.rawValue), of: "a backfill")
            from = try values.decode(Date.self, forKey: .from)
            to = try values.decode(Date.self, forKey: .to)
            guard from > .beginOfCalendar, to < .endOfCalendar, from <= to else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(
                        codingPath: decoder.codingPath,
                        debugDescription: "a backfill goes from a time to a later one, within the years 0 to 9999;"
                    )
                )
            }
        }
    }
}

/// An event with nothing but a note, perhaps not even that.
private struct NoteEvent {
    var note: String?

    private enum CodingKeys: String, CodingKey { case note }

    init(from decoder: any Decoder, _ what: String) throws {
        guard try decoder.hasMembers() else { return }
        try decoder.checkMembers(["note"], of: what)
        note = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .note)
    }
}

extension Decoder {
    /// Whether there is an object; not where there is null, as where no data was given.
    fileprivate func hasMembers() throws -> Bool {
        do {
            _ = try container(keyedBy: AnyMember.self)
            return true
        } catch {
            guard (try? singleValueContainer().decodeNil()) == true else { throw error }
            return false
        }
    }

    /// What has a misspelled member would not be what was meant.
    ///
    /// - Parameter named: those that the error names, when not all.
    func checkMembers(_ known: [String], of what: String, named: some Collection<String>) throws {
        let members = try container(keyedBy: AnyMember.self).allKeys.map(\.stringValue)
        guard let unknown = members.sorted().first(where: { !known.contains($0) }) else { return }
        let has = named.isEmpty ? "nothing" : named.joined(separator: ", ")
        let context = DecodingError.Context(
            codingPath: codingPath,
            debugDescription: "\(what) has no '\(unknown.prefix(60))', it has \(has);"
        )
        throw DecodingError.dataCorrupted(context)
    }

    fileprivate func checkMembers(_ known: [String], of what: String) throws {
        try checkMembers(known, of: what, named: known)
    }
}

private struct AnyMember: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Date {
    /// Times as text have years of four digits.
    static let beginOfCalendar = Date(timeIntervalSince1970: -62_167_219_200)
    static let endOfCalendar = Date(timeIntervalSince1970: 253_402_300_800)
}
