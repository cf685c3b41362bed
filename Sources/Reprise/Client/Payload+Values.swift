package import RepriseKernel

extension Payload {
    /// - Parameter what: what it is, for the error when it is not a `Value`.
    package func decoded<Value: Decodable>(as type: Value.Type, _ what: String) throws(RepriseError) -> Value {
        do {
            return try PayloadCoding.decode(type, from: self, as: what)
        } catch {
            throw RepriseError(.unreadablePayload, error.message, underlying: error)
        }
    }

    /// Nil for null.
    package func decodedUnlessNull<Value: Decodable>(
        as type: Value.Type,
        _ what: String
    ) throws(RepriseError) -> Value? {
        isNull ? nil : try decoded(as: type, what)
    }

    package static func encoded(_ value: some Encodable, _ what: String) throws(RepriseError) -> Payload {
        do {
            return try PayloadCoding.encode(value, as: what)
        } catch {
            throw RepriseError(.unreadablePayload, error.message, underlying: error)
        }
    }
}
