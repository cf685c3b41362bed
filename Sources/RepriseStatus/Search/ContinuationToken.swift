import Foundation

/// Where a list continues: opaque outside, and valid for as long as it is kept.
///
/// It contains the position of the last row, not its number: rows added or removed before it do not affect the next
/// page.
package struct ContinuationToken: Equatable, Sendable, CustomStringConvertible {
    let order: ListOrder
    /// The last row's value in the order's field; nil where it had none, and where the order is that of the ids.
    let position: ComparedValue?
    let lastID: String

    /// In a token, and so in a header: a row with a longer value cannot end a page.
    static let maximumPositionBytes = 2048

    init(lastID: String) { self.init(order: .byID, position: nil, lastID: lastID) }

    init(order: ListOrder, position: ComparedValue?, lastID: String) {
        self.order = order
        self.position = position
        self.lastID = lastID
    }

    /// - Returns: nil for what is not one of our tokens.
    package init?(_ text: String) {
        guard let bytes = Data(base64Encoded: text) else { return nil }
        switch bytes.first {
        case Self.plainFormat:
            guard let id = String(validating: bytes.dropFirst(), as: UTF8.self) else { return nil }
            self.init(lastID: id)
        case Self.orderedFormat:
            guard let fields = try? JSONDecoder().decode(Fields.self, from: bytes.dropFirst()),
                let order = try? ListOrder(parsing: fields.order)
            else { return nil }
            self.init(order: order, position: fields.position, lastID: fields.id)
        default: return nil
        }
    }

    package var description: String {
        guard order != .byID else { return (Data([Self.plainFormat]) + Data(lastID.utf8)).base64EncodedString() }
        let fields = Fields(order: order.description, position: position, id: lastID)
        guard let json = try? JSONEncoder().encode(fields) else { preconditionFailure("text can be encoded") }
        return (Data([Self.orderedFormat]) + json).base64EncodedString()
    }

    private static let plainFormat: UInt8 = 1
    private static let orderedFormat: UInt8 = 2

    private struct Fields: Codable {
        var order: String
        var integer: Int64?
        /// The bits: a JSON number cannot be infinite, and a value in the database can.
        var real: UInt64?
        var text: String?
        var other: String?
        var id: String

        init(order: String, position: ComparedValue?, id: String) {
            self.order = order
            self.id = id
            switch position {
            case nil: break
            case .integer(let value): integer = value
            case .real(let value): real = value.bitPattern
            case .text(let value): text = value
            case .other(let value): other = value
            }
        }

        var position: ComparedValue? {
            integer.map { .integer($0) } ?? real.map { .real(Double(bitPattern: $0)) } ?? text.map { .text($0) }
                ?? other.map { .other($0) }
        }
    }
}
