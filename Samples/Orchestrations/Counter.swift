import Reprise

/// A number with an address: `add` adds to it, `get` reads it, `delete` forgets it.
struct Counter: Entity {
    func perform(_ operation: EntityOperation, on state: inout Int?) throws -> Int {
        switch operation.name {
        case "add":
            let (sum, isTooLarge) = (state ?? 0).addingReportingOverflow(try operation.input())
            guard !isTooLarge else { throw Failure(type: "Overflow", message: "a counter cannot count that far") }
            state = sum
        case "get": break
        default: throw operation.unknown
        }
        return state ?? 0
    }
}
