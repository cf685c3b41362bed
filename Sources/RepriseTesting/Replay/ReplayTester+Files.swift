public import Foundation
public import Reprise
public import RepriseKernel

/// The result of replaying one file.
public struct ReplayedFile: Sendable, Equatable, CustomStringConvertible {
    /// The file.
    public let file: URL
    /// The instance whose history it holds.
    public let instance: InstanceID
    /// How many events its history has.
    public let eventCount: Int
    /// Nil when the code agrees with the history.
    public let difference: ReplayDifference?

    public var description: String {
        "\(file.lastPathComponent): \(difference?.description ?? "\(eventCount) events agree")"
    }
}

extension ReplayTester {
    /// Checks the history in a file.
    ///
    /// - Throws: ``RepriseError`` naming the file: `unreadableHistory`, `unknownOrchestrator`.
    public func check(file: URL) throws(RepriseError) -> ReplayedFile {
        do {
            let history = try Self.read(try Data(contentsOf: file))
            return ReplayedFile(
                file: file,
                instance: history.instance,
                eventCount: history.records.count,
                difference: try check(history)
            )
        } catch let error as RepriseError {
            throw RepriseError(error.code, "\(file.lastPathComponent): \(error.message)")
        } catch {
            throw RepriseError(.unreadableHistory, "\(file.path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// Checks every `.json` file in a directory and the directories in it, in the order of their paths.
    ///
    /// - Throws: ``RepriseError`` naming the first file that cannot be checked; `unreadableHistory` when there is no file.
    public func check(directory: URL) throws(RepriseError) -> [ReplayedFile] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory.path)) ?? []
        let files = names.filter { $0.hasSuffix(".json") }.sorted().map { directory.appendingPathComponent($0) }
        guard !files.isEmpty else {
            throw RepriseError(.unreadableHistory, "\(directory.path) has no history: no file ends in .json")
        }
        var results: [ReplayedFile] = []
        for file in files { results.append(try check(file: file)) }
        return results
    }
}
