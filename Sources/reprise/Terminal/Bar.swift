/// A progress bar.
package enum Bar {
    /// `[██████░░░░]  60 %`
    package static func draw(_ done: Int, of total: Int, width: Int) -> String {
        draw(total > 0 ? Double(done) / Double(total) : 1, width: width)
    }

    /// - Parameter part: from 0 to 1.
    package static func draw(_ part: Double, width: Int) -> String {
        let part = min(1, max(0, part))
        let full = Int(part * Double(width))
        let percent = String(Int(part * 100))
        return "[\(String(repeating: "█", count: full))\(String(repeating: "░", count: width - full))] "
            + "\(String(repeating: " ", count: 3 - percent.count))\(percent) %"
    }
}
