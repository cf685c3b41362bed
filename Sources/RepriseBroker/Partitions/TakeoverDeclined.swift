/// Why this node lets go of a partition whose lock it has: another node should have it, or nobody can for now.
struct TakeoverDeclined: Error, CustomStringConvertible {
    let description: String
    /// Whether it lasts until somebody changes a setting, a disk or a queue: said as an error, and tried again seldom.
    let isForPeople: Bool

    init(_ description: String, isForPeople: Bool = false) {
        self.description = description
        self.isForPeople = isForPeople
    }
}
