/// How many instances the journal shows: counted when someone asks for the first time, and kept from then on.
struct InstanceCount {
    private var known: Int64?

    mutating func value(_ journal: any PartitionJournal) throws(JournalError) -> Int64 {
        if let known { return known }
        let counted = try journal.instanceCount()
        known = counted
        return counted
    }

    /// What a commit changes of it.
    mutating func add(_ difference: Int) { known? += Int64(difference) }
}
