import Foundation
import RepriseKernel
import Testing

@testable import RepriseStatus

/// The read model holds every input and output, and any user of the machine could query it.
@Suite struct PrivacyTests {
    @Test func aReadModelIsItsOwnersAlone() async throws {
        try await withDirectory { directory in
            let files = FileManager.default
            func mode(_ path: String) throws -> Int? {
                try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            func open() throws -> StatusModel {
                try StatusModel(directory: directory, hub: HubName("test"), partitionCount: 1)
            }
            try open().close()
            #expect(try mode(directory) == 0o700)
            // As an earlier release left it.
            try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(directory)/\(StatusModel.fileName)")
            let model = try open()
            let names = try files.contentsOfDirectory(atPath: directory)
            #expect(names.contains(StatusModel.fileName + "-wal"))
            for name in names { #expect(try mode("\(directory)/\(name)") == 0o600, "\(name)") }
            try model.close()
        }
    }
}
