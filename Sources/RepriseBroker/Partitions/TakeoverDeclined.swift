/// Why this node gives up a partition whose lock it has: another node should have it, or no node can for now.
struct TakeoverDeclined: Error, CustomStringConvertible {
    let description: String
    /// Whether it lasts until a person changes a setting, a disk or a queue: logged as an error, and rarely retried.
    let isForPeople: Bool

    init(_ description: String, isForPeople: Bool = false) {
        self.description = description
        self.isForPeople = isForPeople
    }
}
