import GRDB

/// A condition being built; everything that is added must hold.
struct FilterQuery {
    private(set) var condition: SQL

    init(_ condition: SQL) { self.condition = condition }

    mutating func add(_ condition: SQL) { self.condition += " AND \(condition)" }

    /// - Parameter isPassing: whether it is checked of each row that is read, and no way to find them.
    mutating func add(idPrefix prefix: String, isPassing: Bool = false) {
        guard !prefix.isEmpty else { return }
        let id: SQL = isPassing ? "+id" : "id"
        add("\(id) >= \(prefix)")
        if let end = Self.successor(of: prefix) { add("\(id) < \(end)") }
    }

    /// The first text after all that begin with `prefix`, in the order of bytes (which UTF-8 shares with scalars).
    static func successor(of prefix: String) -> String? {
        var scalars = Array(prefix.unicodeScalars)
        while let last = scalars.popLast() {
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            if let scalar = Unicode.Scalar(next) {
                scalars.append(scalar)
                var text = String.UnicodeScalarView()
                text.append(contentsOf: scalars)
                return String(text)
            }
        }
        return nil
    }
}
