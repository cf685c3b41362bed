/// Incarnations that are out of sight and not yet deleted: a queue in the order in which they may be.
///
/// Each is looked at once when its turn comes, however many wait behind it, and once more for each time it was kept.
struct HiddenInstances {
    private var rows: [InstanceRow]
    /// Those before it are taken.
    private var front = 0

    /// In any order.
    init(_ rows: [InstanceRow]) {
        self.rows = rows.sorted { ($0.hiddenThrough ?? .max, $0.key) < ($1.hiddenThrough ?? .max, $1.key) }
    }

    var count: Int { rows.count - front }
    var first: InstanceRow? { front < rows.count ? rows[front] : nil }

    mutating func append(_ row: InstanceRow) { rows.append(row) }

    /// Takes the keys of at most `limit` from the front, as long as they are `ready`. Who may not go yet comes last again, so
    /// that it is in nobody's way.
    mutating func take(_ limit: Int, while ready: (InstanceRow) -> Bool, where mayGo: (InstanceRow) -> Bool) -> [Int64]
    {
        var taken: [Int64] = []
        var looks = min(count, limit * 2)
        while looks > 0, taken.count < limit, let row = first, ready(row) {
            looks -= 1
            front += 1
            if mayGo(row) { taken.append(row.key) } else { rows.append(row) }
        }
        // The places of what was taken, once they are half of all: each row moves once on the average.
        if front > 64, front > rows.count / 2 {
            rows.removeFirst(front)
            front = 0
        }
        return taken
    }
}
