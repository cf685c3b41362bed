package import Configuration
import Foundation
public import RepriseHosting
import RepriseKernel

/// How a gateway finds its hub, where it listens, and what it lets clients do.
public struct GatewayConfiguration: Sendable {
    /// The broker, `amqp://user:password@host:port/vhost` or `amqps://…`.
    public var amqpURL: String
    /// The task hub: 1 to 40 of `a-z`, `0-9` and `-`.
    public var hub: String
    /// The directory of the read model. If lost, it is rebuilt from what the nodes have.
    public var dataDirectory: String
    /// The address to listen on. There is no authentication yet: an address that other machines can reach needs
    /// ``allowsRemote``, and a proxy in front of it.
    public var host: String
    /// The port to listen on; 0 picks a free one.
    public var port: Int
    /// Whether `host` may be an address that other machines can reach.
    public var allowsRemote: Bool
    /// True behind a proxy of yours: links then follow its `X-Forwarded-Host` and `X-Forwarded-Proto`.
    public var followsForwardedHost: Bool
    /// Makes the gateway read-only: every request other than a GET is answered 403.
    public var isReadOnly: Bool
    /// What ``fromEnvironment()`` could not use. A gateway with such a configuration reports it instead of starting.
    public private(set) var problem: SettingsError?
    /// A remark about the environment, logged when the gateway starts.
    private(set) var remark: String?

    /// Creates a configuration; what is not given keeps its default. What cannot be used is reported when the gateway
    /// starts.
    public init(
        amqpURL: String = "amqp://guest:guest@127.0.0.1:5672/",
        hub: String = "default",
        dataDirectory: String = "reprise-data",
        host: String = "127.0.0.1",
        port: Int = 7071,
        allowsRemote: Bool = false,
        followsForwardedHost: Bool = false,
        isReadOnly: Bool = false
    ) {
        self.amqpURL = amqpURL
        self.hub = hub
        self.dataDirectory = dataDirectory
        self.host = host
        self.port = port
        self.allowsRemote = allowsRemote
        self.followsForwardedHost = followsForwardedHost
        self.isReadOnly = isReadOnly
    }

    /// The configuration that the environment and the configuration file give: `REPRISE_AMQP_URL`, `REPRISE_HUB`,
    /// `REPRISE_DATA` and `REPRISE_HTTP_READ_ONLY` (`on` or `off`); file named by `REPRISE_CONFIG`. Your program
    /// decides where it listens.
    ///
    /// A setting that cannot be used becomes the configuration's ``problem``, which the gateway ends with: thrown out of
    /// `main`, it would be a trap.
    public static func fromEnvironment() async -> GatewayConfiguration {
        do {
            var remark: String?
            let config = try await HubSettings.reader { remark = $0 }
            var configuration = try GatewayConfiguration(config)
            configuration.remark = remark
            return configuration
        } catch {
            var configuration = GatewayConfiguration()
            configuration.problem = error
            return configuration
        }
    }

    /// - Throws: `SettingsError` naming the setting that cannot be used.
    package init(_ config: ConfigReader) throws(SettingsError) {
        let settings = try HubSettings(config)
        self.init(amqpURL: settings.amqpURL, hub: settings.hub.value, dataDirectory: settings.dataDirectory)
        isReadOnly = try HubSettings.flag("reprise.http.readOnly", default: false, config)
    }

    /// - Throws: for a setting of the environment or of the program that cannot be used.
    package func check() throws(SettingsError) {
        if let problem { throw problem }
        guard (0...65_535).contains(port) else {
            throw SettingsError("a port must be a number from 0 to 65535, not \(port)")
        }
        guard allowsRemote || Loopback.contains(host) else {
            throw SettingsError(
                "\(host) can be reached from other machines, and there is no authentication yet: listen on 127.0.0.1, or "
                    + "allow it (allowsRemote, --allow-remote)"
            )
        }
    }
}

/// Contains the broker's password, which no log and no dump may show.
extension GatewayConfiguration: CustomStringConvertible, CustomReflectable {
    public var description: String { "of hub '\(hub)', on \(host):\(port)" }
    public var customMirror: Mirror {
        Mirror(self, children: ["hub": hub, "host": host, "port": port, "dataDirectory": dataDirectory])
    }
}
