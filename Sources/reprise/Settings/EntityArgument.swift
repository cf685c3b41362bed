import ArgumentParser
import RepriseKernel

/// The entity that a command is about.
struct EntityArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The entity, written @name@key.", valueName: "id"))
    var id: String

    func validate() throws {
        do {
            _ = try EntityID(parsing: id)
        } catch {
            throw ValidationError(error.reason)
        }
    }

    var entity: EntityID { get throws { try EntityID(parsing: id) } }
}
