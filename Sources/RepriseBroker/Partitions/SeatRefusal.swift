/// Why this node lets go of a partition whose lock it has: another node should have it, or nobody can for now.
struct SeatRefusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
