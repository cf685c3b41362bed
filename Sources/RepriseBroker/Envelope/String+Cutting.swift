extension String {
    /// Its beginning, so many bytes of UTF-8 at most.
    func cut(to bytes: Int) -> String {
        guard utf8.count > bytes else { return self }
        var beginning = UnicodeScalarView()
        var room = bytes - "…".utf8.count
        for scalar in unicodeScalars {
            room -= UTF8.width(scalar)
            if room < 0 { break }
            beginning.append(scalar)
        }
        return String(beginning) + "…"
    }
}
