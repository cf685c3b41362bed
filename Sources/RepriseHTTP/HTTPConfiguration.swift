/// Where the gateway listens, and its limits.
package struct HTTPConfiguration: Sendable {
    package var host = "127.0.0.1"
    package var port = 7071
    /// The largest request body, in bytes; one more is answered 413.
    package var maximumBody = 1_048_576
    /// Appears as `connection=` in the links given to clients, which only ever send it back.
    package var connectionName = "RabbitMQ"
    /// True behind a proxy of yours: links then follow its `X-Forwarded-Host` and `X-Forwarded-Proto`.
    package var followsForwardedHost = false
    /// Other sites whose pages may send commands; a page's own gateway always may.
    package var allowedOrigins: Set<String> = []
    /// Makes the gateway read-only: every request other than a GET is refused.
    package var isReadOnly = false

    /// Connections beyond this wait to be accepted.
    package var maximumConnections = 4096
    /// A connection that has not sent the head of its next request by then is closed.
    package var idleTimeout: Duration = .seconds(60)
    /// A request whose body is not there by then is closed.
    package var bodyTimeout: Duration = .seconds(60)
    /// The longest time a start with `timeout` is held, whatever it asks for.
    package var maximumWait: Duration = .seconds(230)

    /// How often an idle event stream sends a heartbeat.
    package var heartbeat: Duration = .seconds(15)

    package init() {}

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}
