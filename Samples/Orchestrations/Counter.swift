import Reprise

/// A number with an address: `add` adds to it, `get` reads it, `delete` forgets it.
struct Counter: Entity {
    func perform(_ operation: EntityOperation, on state: inout Int?) throws -> Int {
        switch operation.name {
        case "add": state = (state ?? 0) + (try operation.input())
        case "get": break
        default: throw operation.unknown
        }
        return state ?? 0
    }
}
