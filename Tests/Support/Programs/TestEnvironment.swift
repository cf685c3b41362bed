import Foundation

/// What `infra/test` says to the tests that it runs.
package enum TestEnvironment {
    /// - Parameter name: `REPRISE_TEST_…`; `infra/test` lists them.
    package static func value(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else { throw Unset(name: name) }
        return value
    }

    /// The broker that all tests share.
    package static var brokerURL: String { get throws { try value("REPRISE_TEST_AMQP_URL") } }

    /// The shared broker's name, with which the names of all others begin.
    package static var brokerName: String { get throws { try value("REPRISE_TEST_BROKER") } }

    /// The whole path of a program that was built.
    package static func program(_ name: String) throws -> String { "\(try value("REPRISE_TEST_BIN"))/\(name)" }

    struct Unset: Error, CustomStringConvertible {
        let name: String
        var description: String { "\(name) is not set: these tests are run by infra/test" }
    }
}
