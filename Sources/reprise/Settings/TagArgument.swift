import ArgumentParser
import RepriseKernel

/// A tag as an argument has it: `name=value`.
struct TagArgument {
    var name: String
    var value: String

    /// - Throws: what the argument parser shows as wrong usage.
    init(_ text: String) throws {
        let name = text.prefix { $0 != "=" }
        guard !name.isEmpty, name.count < text.count else {
            throw ValidationError("a tag is written name=value; '\(text.prefix(60))' is not")
        }
        self.name = String(name)
        value = String(text.dropFirst(name.count + 1))
    }

    /// - Throws: a validation error when a tag has two values, or there is too much of them.
    static func collect(_ arguments: [TagArgument]) throws -> [String: String] {
        var tags: [String: String] = [:]
        for tag in arguments {
            if let former = tags.updateValue(tag.value, forKey: tag.name), former != tag.value {
                throw ValidationError("the tag '\(tag.name)' has two values")
            }
        }
        do {
            try Limits().check(tags: tags)
        } catch {
            throw ValidationError(error.message)
        }
        return tags
    }
}
