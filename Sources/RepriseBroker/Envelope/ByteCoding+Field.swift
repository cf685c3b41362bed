import RabbitMQ
import RepriseKernel

extension ByteWriter {
    /// A flat value of an AMQP table; anything nested becomes nothing.
    mutating func field(_ value: RabbitMQFieldValue) {
        switch value {
        case .bool(let value):
            byte(1)
            bool(value)
        case .int(let value):
            byte(2)
            signed(value)
        case .double(let value):
            byte(3)
            unsigned(value.bitPattern)
        case .string(let value):
            byte(4)
            string(value)
        case .timestamp(let value):
            byte(5)
            signed(value)
        default:
            byte(0)
        }
    }
}

extension ByteReader {
    mutating func field() throws(Damaged) -> RabbitMQFieldValue {
        switch try byte() {
        case 0: .null
        case 1: .bool(try bool())
        case 2: .int(try signed())
        case 3: .double(Double(bitPattern: try unsigned()))
        case 4: .string(try string())
        case 5: .timestamp(try signed())
        case let other: throw Damaged(description: "a field of unknown kind \(other)")
        }
    }
}
