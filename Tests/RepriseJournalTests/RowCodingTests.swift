import RepriseKernel
import Testing

@testable import RepriseJournal

private let someRanges: [[ClosedRange<OutboundNumber>]] = [
    [], [1...1], [5...9, 11...11, 13...400], [OutboundNumber(rawValue: .min)...OutboundNumber.max],
    [1...9_223_372_036_854_775_806],
]

@Suite("The forms that lie in the files forever")
struct RowCodingTests {
    @Test("The checksum of a row has these values")
    func golden() {
        var words = RowSum()
        words.combine(1)
        words.combine(.max)
        #expect(words.value == 0x977C_A995_3914_F4B8)
        var text = RowSum()
        Array("nine byte".utf8).withUnsafeBytes { text.combine($0) }
        #expect(text.value == 0xBDE0_CB28_873C_A55E)
        var empty = RowSum()
        [UInt8]().withUnsafeBytes { empty.combine($0) }
        #expect(empty.value == 0xAF63_BD4C_2962_0A93)
    }

    @Test("Every single flipped bit changes the checksum, at every length")
    func flips() {
        for count in 0...20 {
            var bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let sum = Self.sum(bytes)
            for bit in 0..<(count * 8) {
                bytes[bit / 8] ^= 1 << (bit % 8)
                #expect(Self.sum(bytes) != sum)
                bytes[bit / 8] ^= 1 << (bit % 8)
            }
            #expect(Self.sum(bytes + [0]) != sum, "a zero more is another value")
        }
    }

    @Test("Ranges take a few bytes and come back", arguments: someRanges)
    func ranges(_ ranges: [ClosedRange<OutboundNumber>]) throws {
        #expect(try RangeCoding.decode(RangeCoding.encode(ranges)) == ranges)
    }

    @Test("A hundred ranges behind a high number stay small")
    func compact() {
        let ranges = (Int64(0)..<100).map { (index: Int64) -> ClosedRange<OutboundNumber> in
            let first = OutboundNumber(rawValue: 1_000_000_000 + index * 10)
            return first...first.advanced(by: 3)
        }
        #expect(RangeCoding.encode(ranges).count < 220)
    }

    @Test("Damaged ranges throw and never trap")
    func damagedRanges() throws {
        for bytes in [[1], [0, 1], [255], [2, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255]] as [[UInt8]] {
            #expect(throws: Damage.self) { try RangeCoding.decode(bytes) }
        }
    }

    @Test("The high-water mark says in words what it knows")
    func highWaterMark() {
        let plain = HighWaterMark(journal: "j", commit: 12)
        #expect(plain.text == "journal j\ncommit 0000000000000000012\n")
        let aside = HighWaterMark(
            journal: nil,
            commit: .max,
            setAside: "partition-0.sqlite.damaged-1: it has only 0 bytes"
        )
        for mark in [plain, aside] { #expect(HighWaterMark(text: mark.text) == mark) }
        for text in ["", "x", "journal j\n", "journal j\ncommit x\n", "journal j\ncommit 1\nwhat\n"] {
            #expect(HighWaterMark(text: text) == nil)
        }
    }

    private static func sum(_ bytes: [UInt8]) -> UInt64 {
        var sum = RowSum()
        bytes.withUnsafeBytes { sum.combine($0) }
        return sum.value
    }
}
