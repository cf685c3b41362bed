import RepriseKernel
import Synchronization

/// The payload that a decoder reads, for the values in it that need their original text: `JSONDecoder` hands out
/// numbers only as a Swift type holds them.
///
/// ```
///  {"order":{"items":[ … ]}}    codingPath: order, items, 1    →  the view of the bytes at that place
/// ```
final class PayloadSource: Sendable {
    private let root: Node

    init(_ payload: Payload) { root = Node(JSONView(payload)) }

    /// Nil when the path is not in this payload.
    func view(at path: [any CodingKey]) -> JSONView? {
        var node = root
        for key in path {
            guard let next = node.child(key) else { return nil }
            node = next
        }
        return node.view
    }

    /// Parsed once, however many values below it are requested.
    private final class Node: Sendable {
        let view: JSONView
        private let children = Mutex<Children?>(nil)

        enum Children: Sendable {
            case members(NamedMembers<Node>)
            case elements([Node])
            case none
        }

        init(_ view: JSONView) { self.view = view }

        func child(_ key: any CodingKey) -> Node? {
            switch found() {
            case .members(let members):
                // A property's name may be spelled differently from the member it reads.
                members[key.stringValue] ?? members.first { $0.name == key.stringValue }?.value
            case .elements(let elements):
                key.intValue.flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            case .none: nil
            }
        }

        private func found() -> Children {
            children.withLock { children in
                if let children { return children }
                let found: Children =
                    if let members = view.members {
                        .members(members.mapValues { Node($0) })
                    } else if let elements = view.elements {
                        .elements(elements.map { Node($0) })
                    } else {
                        .none
                    }
                children = found
                return found
            }
        }
    }
}

extension CodingUserInfoKey {
    static let payloadSource = named("Reprise.payloadSource")
    static let payloadValues = named("Reprise.payloadValues")

    private static func named(_ name: String) -> CodingUserInfoKey {
        guard let key = CodingUserInfoKey(rawValue: name) else { preconditionFailure("any text is a key's name") }
        return key
    }
}
