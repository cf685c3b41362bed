/// Why a read model cannot be used, and what to do: usually delete it, since it can be rebuilt.
package struct StatusModelError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// The directory or file cannot be opened at all.
        case unreachable
        /// The file is not a database, or a damaged one.
        case damaged
        /// The file is some other program's database.
        case foreign
        /// A later release wrote the file.
        case newer
        /// The file belongs to another hub, or to this hub with another partition count.
        case otherHub
    }

    package var code: Code
    package var file: String
    package var reason: String

    package init(_ code: Code, file: String, _ reason: String) {
        self.code = code
        self.file = file
        self.reason = reason
    }

    package var description: String {
        switch code {
        case .unreachable, .foreign: "The read model \(file) cannot be used: \(reason)."
        case .damaged, .newer, .otherHub:
            "The read model \(file) cannot be used: \(reason). "
                + "It holds nothing that the nodes do not have: delete \(file)* and start again, and it is rebuilt."
        }
    }
}
