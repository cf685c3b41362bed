/// Builds frames of AMQP 0-9-1 by hand, right or wrong.
struct WireBytes {
    var bytes: [UInt8] = []

    init(_ build: (inout WireBytes) -> Void = { _ in }) { build(&self) }

    mutating func octet(_ value: UInt8) { bytes.append(value) }
    mutating func short(_ value: UInt16) { integer(value) }
    mutating func long(_ value: UInt32) { integer(value) }
    mutating func longLong(_ value: UInt64) { integer(value) }
    mutating func shortText(_ text: String) {
        octet(UInt8(text.utf8.count))
        bytes += text.utf8
    }
    mutating func longText(_ text: String) {
        long(UInt32(text.utf8.count))
        bytes += text.utf8
    }
    mutating func table(_ content: [UInt8] = []) {
        long(UInt32(content.count))
        bytes += content
    }

    private mutating func integer(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
    }

    static func frame(_ type: UInt8, channel: UInt16, _ payload: [UInt8], end: UInt8 = 0xCE) -> [UInt8] {
        WireBytes {
            $0.octet(type)
            $0.short(channel)
            $0.long(UInt32(payload.count))
            $0.bytes += payload
            $0.octet(end)
        }.bytes
    }

    static func method(
        _ classID: UInt16,
        _ methodID: UInt16,
        channel: UInt16,
        _ build: (inout WireBytes) -> Void = { _ in }
    ) -> [UInt8] {
        var payload = WireBytes {
            $0.short(classID)
            $0.short(methodID)
        }
        build(&payload)
        return frame(1, channel: channel, payload.bytes)
    }

    /// A header frame with nothing but headers in it.
    static func header(channel: UInt16, size: UInt64, headers: [UInt8] = [], classID: UInt16 = 60) -> [UInt8] {
        frame(
            2,
            channel: channel,
            WireBytes {
                $0.short(classID)
                $0.short(0)
                $0.longLong(size)
                $0.short(headers.isEmpty ? 0 : 1 << 13)
                if !headers.isEmpty { $0.table(headers) }
            }.bytes
        )
    }

    static func deliver(channel: UInt16, tag: UInt64, consumer: String = "c") -> [UInt8] {
        method(60, 60, channel: channel) {
            $0.shortText(consumer)
            $0.longLong(tag)
            $0.octet(0)
            $0.shortText("")
            $0.shortText("q")
        }
    }

    static func ack(channel: UInt16, tag: UInt64, multiple: Bool = false) -> [UInt8] {
        method(60, 80, channel: channel) {
            $0.longLong(tag)
            $0.octet(multiple ? 1 : 0)
        }
    }

    /// The content of a table with so many tables inside one another: 7 bytes per level.
    static func nestedTables(_ levels: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for level in stride(from: levels - 1, through: 0, by: -1) {
            bytes +=
                WireBytes {
                    $0.shortText("k")
                    $0.octet(UInt8(ascii: "F"))
                    $0.long(UInt32(level * 7))
                }.bytes
        }
        return bytes
    }
}
