/// Rows in columns that line up; the last column takes the remaining width, and is cut there.
package struct Table: Sendable {
    private var rows: [[String]]

    package init(_ titles: [String]) { rows = [titles] }

    package mutating func add(_ cells: [String]) { rows.append(cells.map(Text.line)) }

    /// - Parameter width: columns of the terminal; nil cuts nothing.
    package func lines(width: Int?) -> [String] {
        let count = rows[0].count
        let widths = (0..<count - 1).map { column in rows.map { Text.columns($0[column]) }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, width) in widths.enumerated() { line += Text.pad(row[column], to: width) + "  " }
            line += row[count - 1]
            while line.last == " " { line.removeLast() }
            return width.map { Text.cut(line, to: $0) } ?? line
        }
    }
}
