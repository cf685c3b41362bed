import RepriseKernel
import Synchronization

/// The values that an encoder must write with their original text, which `JSONEncoder` cannot do: it writes a mark for
/// each, and afterwards their bytes replace the marks.
final class PayloadValues: Sendable {
    private let mark: String
    private let values = Mutex<[[UInt8]]>([])

    private init(mark: String) { self.mark = mark }

    /// - Returns: what to write in its place.
    func add(_ value: JSON) throws -> String {
        var bytes: [UInt8] = []
        try value.write(to: &bytes)
        let index = values.withLock { values in
            values.append(bytes)
            return values.count - 1
        }
        return "\(mark)-\(index)-"
    }

    /// - Parameter encode: writes what is to be written, with the values of this at hand.
    static func encoding(_ encode: (PayloadValues) throws -> [UInt8]) throws -> [UInt8] {
        var mark = "reprise-value"
        while true {
            let values = PayloadValues(mark: mark)
            let bytes = try encode(values)
            if let complete = values.complete(bytes) { return complete }
            // A text looks like a mark: try another one, which no one who wrote the text could have predicted.
            mark = DerivedIdentity.hex(SHA256Digest.of(bytes))
        }
    }

    /// Nil where a mark is there twice.
    private func complete(_ bytes: [UInt8]) -> [UInt8]? {
        let values = values.withLock { $0 }
        guard !values.isEmpty else { return bytes }
        let opening = Array("\"\(mark)-".utf8)
        var isUsed = [Bool](repeating: false, count: values.count)
        var complete: [UInt8] = []
        var at = 0
        while at < bytes.count {
            guard bytes[at] == opening[0], bytes[at...].starts(with: opening),
                let end = bytes[(at + 1)...].firstIndex(of: UInt8(ascii: "\"")),
                let index = Int(String(decoding: bytes[(at + opening.count)..<end], as: UTF8.self).dropLast()),
                values.indices.contains(index), bytes[at..<(end + 1)].elementsEqual(#""\#(mark)-\#(index)-""#.utf8)
            else {
                complete.append(bytes[at])
                at += 1
                continue
            }
            guard !isUsed[index] else { return nil }
            isUsed[index] = true
            complete += values[index]
            at = end + 1
        }
        return complete
    }
}
