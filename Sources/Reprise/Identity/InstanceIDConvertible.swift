public import RepriseKernel

/// What names an instance: an ``InstanceID``, or its text.
///
/// A text is checked by the call that takes it, before anything happens: `id: "order-\(number)"`.
public protocol InstanceIDConvertible: Sendable {
    /// The id.
    ///
    /// - Throws: ``InvalidName`` that says which rule a text breaks.
    func instanceID() throws(InvalidName) -> InstanceID
}

extension InstanceID: InstanceIDConvertible {
    /// The id itself.
    public func instanceID() -> InstanceID { self }
}

extension String: InstanceIDConvertible {
    /// The text as an id.
    public func instanceID() throws(InvalidName) -> InstanceID { try InstanceID(self) }
}

extension InstanceIDConvertible {
    /// As a client refuses it.
    package func checkedID() throws(RepriseError) -> InstanceID {
        do {
            return try instanceID()
        } catch {
            throw RepriseError(.invalid, error.reason, underlying: error)
        }
    }
}
