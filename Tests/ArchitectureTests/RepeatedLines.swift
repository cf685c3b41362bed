/// Runs of lines that stand twice: the same to the letter, or of the same shape, with other names, texts and numbers.
///
/// Blank lines, comments, imports and lines of punctuation do not count, nor does white space. A run of one shape
/// counts only when it is not the same few lines over and over: a list of properties looks like any other.
struct RepeatedLines {
    static let shortestRun = 6
    private static let leastShapes = 4

    /// `file:first-last` of each run, longest first.
    let runs: [String]

    init(in files: [SourceFile], byShape: Bool) {
        var numbers: [[UInt8]: Int] = [:]
        let texts = files.map { file in
            file.code.indices.compactMap { index in
                Self.key(of: file, at: index, byShape: byShape).map { key in
                    let number = numbers[key, default: numbers.count]
                    numbers[key] = number
                    return (line: index + 1, number: number)
                }
            }
        }
        let windows = texts.map { Self.windows(of: $0.map(\.number), byShape: byShape) }
        var seen: [ArraySlice<Int>: Int] = [:]
        for window in windows.joined() { seen[window, default: 0] += 1 }
        var found: [(length: Int, place: String)] = []
        for (index, text) in texts.enumerated() {
            var run: Range<Int>?
            func end() {
                guard let run else { return }
                let place = "\(files[index].path):\(text[run.lowerBound].line)-\(text[run.upperBound - 1].line)"
                found.append((run.count, place))
            }
            for window in windows[index] where seen[window, default: 0] > 1 {
                if let open = run, window.startIndex <= open.upperBound {
                    run = open.lowerBound..<window.endIndex
                } else {
                    end()
                    run = window.indices
                }
            }
            end()
        }
        runs = found.sorted { ($1.length, $0.place) < ($0.length, $1.place) }.map(\.place)
    }

    private static func windows(of numbers: [Int], byShape: Bool) -> [ArraySlice<Int>] {
        guard numbers.count >= shortestRun else { return [] }
        return (0...(numbers.count - shortestRun)).compactMap { start in
            let window = numbers[start..<(start + shortestRun)]
            return byShape && Set(window).count < leastShapes ? nil : window
        }
    }

    /// What a line is compared by; nil for one that does not count.
    private static func key(of file: SourceFile, at index: Int, byShape: Bool) -> [UInt8]? {
        let code = Array(file.code[index].utf8)
        guard code.contains(where: \.isOfWord), !file.code[index].split(separator: " ").contains("import") else {
            return nil
        }
        // The inside of a text is not code, but two lines with different texts are not the same to the letter.
        guard byShape else {
            return file.text[index].utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        }
        var shape: [UInt8] = []
        var word: [UInt8] = []
        for byte in code + [UInt8(ascii: " ")] {
            if byte.isOfWord {
                word.append(byte)
                continue
            }
            if let first = word.first {
                let isNumber = UInt8(ascii: "0")...UInt8(ascii: "9") ~= first
                shape += keywords.contains(word) ? word + [0] : [UInt8(ascii: isNumber ? "0" : "a")]
            }
            word = []
            if byte != UInt8(ascii: " ") { shape.append(byte) }
        }
        return shape
    }

    private static let keywords = Set(
        """
        as async await break case catch class continue default defer do else enum extension fileprivate for func guard \
        if in init inout internal is let mutating nil package private protocol public repeat return self static struct \
        switch throw throws true false try var where while
        """.split(separator: " ").map { Array($0.utf8) }
    )
}
