import Foundation
import RepriseKernel
import Synchronization

/// The time zones of this machine: the files of the tz database that came with its system.
///
/// Each is read once in the life of a process.
package enum ZoneDatabase {
    package static let folder = "/usr/share/zoneinfo"
    private static let known = Mutex<[String: ZoneRules]>(["UTC": .utc])

    /// - Throws: ``Failure`` of type `InvalidSchedule` that suggests names like it, or says that there is no database.
    package static func rules(of name: String) throws(Failure) -> ZoneRules {
        if let rules = known.withLock({ $0[name] }) { return rules }
        let rules = try read(name, in: folder)
        known.withLock { $0[name] = rules }
        return rules
    }

    package static func read(_ name: String, in folder: String) throws(Failure) -> ZoneRules {
        if isName(name), let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
            let rules = ZoneRules(Array(data))
        {
            return rules
        }
        guard FileManager.default.fileExists(atPath: folder) else {
            throw Failure.invalidSchedule(
                "there are no time zones on this machine but UTC: install tzdata, which puts them in \(folder)"
            )
        }
        throw Failure.invalidSchedule("there is no time zone '\(name.prefix(60))'\(suggestion(for: name, in: folder))")
    }

    /// No path out of the folder.
    private static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return (1...3).contains(parts.count)
            && parts.allSatisfy { part in
                part.first?.isUppercase == true && part.utf8.count <= 40
                    && part.unicodeScalars.allSatisfy {
                        $0.isASCII && ($0.properties.isAlphabetic || "0123456789_+-".unicodeScalars.contains($0))
                    }
            }
    }

    private static func suggestion(for name: String, in folder: String) -> String {
        let names = names(in: folder)
        let asked = name.prefix(60).lowercased().replacing(" ", with: "_")
        var near = names.filter { $0.lowercased().split(separator: "/").last.map(String.init) == asked }
        if near.isEmpty {
            let close = names.map { zone -> (name: String, distance: Int) in
                let words =
                    [zone.lowercased()] + (zone.lowercased().split(separator: "/").last.map { [String($0)] } ?? [])
                return (zone, words.map { Spelling.distance(asked, $0) }.min() ?? .max)
            }
            near = close.filter { $0.distance <= 2 }.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.map(
                \.name
            )
        }
        guard !near.isEmpty else { return "; zones are named as in Europe/Berlin" }
        return ": did you mean \(near.prefix(3).joined(separator: ", "))?"
    }

    /// All names, sorted; only read to suggest one.
    private static func names(in folder: String) -> [String] {
        let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return files.filter { isName($0) && !$0.hasPrefix("Etc/") }.sorted()
    }
}
