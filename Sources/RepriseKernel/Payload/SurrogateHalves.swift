extension Payload {
    /// The same with U+FFFD for each half of a surrogate pair, which JSON may contain and no text can hold: for readers
    /// that cannot fail.
    package var withoutSurrogateHalves: Payload {
        var halves: [Int] = []
        var at = 0
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "\\") else {
                at += 1
                continue
            }
            guard let unit = escapedUnit(at) else {
                at += 2
                continue
            }
            if (0xD800...0xDBFF).contains(unit), let second = escapedUnit(at + 6), (0xDC00...0xDFFF).contains(second) {
                at += 12
                continue
            }
            if (0xD800...0xDFFF).contains(unit) { halves.append(at) }
            at += 6
        }
        guard !halves.isEmpty else { return self }
        var repaired = bytes
        for half in halves { repaired.replaceSubrange((half + 2)..<(half + 6), with: "fffd".utf8) }
        return Payload(trusted: repaired)
    }

    /// The code unit that `\u` and four digits at this place stand for.
    private func escapedUnit(_ place: Int) -> UInt16? {
        guard place + 6 <= bytes.count, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return UInt16(String(decoding: bytes[(place + 2)..<(place + 6)], as: UTF8.self), radix: 16)
    }
}
