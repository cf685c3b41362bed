package import RepriseKernel

// Values as a test writes them; one that cannot be is the test's own mistake, and traps.

extension InstanceID {
    package static func of(_ text: String) -> InstanceID {
        do { return try InstanceID(text) } catch { preconditionFailure("'\(text)': \(error)") }
    }
}

extension Payload {
    package static func json(_ text: String) -> Payload {
        do { return try Payload(checking: Array(text.utf8)) } catch { preconditionFailure("'\(text)': \(error)") }
    }
}
