import RepriseKernel

/// How far a reader has followed an instance: the `id` of the last event it has seen, or a `version`.
struct Cursor: Equatable, Sendable {
    /// Nil means the current incarnation.
    var incarnation: Incarnation?
    var version: Int64

    static let beginning = Cursor(incarnation: nil, version: 0)

    init(incarnation: Incarnation?, version: Int64) {
        self.incarnation = incarnation
        self.version = version
    }

    /// - Returns: nil for text that looks like neither `7` nor `12.7`.
    init?(_ text: String) {
        guard let numbers = OutsideNumber.list(text), numbers.count <= 2, let last = numbers.last else { return nil }
        incarnation = numbers.count == 2 ? Incarnation(rawValue: numbers[0]) : nil
        version = last
    }

    init(_ status: InstanceStatus) {
        self.init(incarnation: status.incarnation, version: status.version)
    }

    var id: String { incarnation.map { "\($0).\(version)" } ?? "\(version)" }

    /// Whether the instance has got this far, in this incarnation or a later one.
    func isReached(by status: InstanceStatus) -> Bool {
        guard let incarnation, incarnation != status.incarnation else { return status.version >= version }
        return status.incarnation > incarnation
    }

    /// Whether there is more than this, in this incarnation or a later one.
    func isPassed(by status: InstanceStatus) -> Bool {
        guard let incarnation, incarnation != status.incarnation else { return status.version > version }
        return status.incarnation > incarnation
    }
}
