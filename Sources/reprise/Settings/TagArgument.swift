import ArgumentParser
import RepriseKernel

/// A tag as an argument: `name=value`.
struct TagArgument {
    var name: String
    var value: String

    /// - Throws: an error that the argument parser shows as wrong usage.
    init(_ text: String) throws {
        let name = text.prefix { $0 != "=" }
        guard !name.isEmpty, name.count < text.count else {
            throw ValidationError("a tag must be written name=value; '\(text.prefix(60))' is not")
        }
        self.name = String(name)
        value = String(text.dropFirst(name.count + 1))
    }

    /// - Throws: a validation error when a tag has two values, or the tags are too large.
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
