import CRabbitMQ
import Synchronization

extension ConnectionCore {
    /// Starts the thread and returns when it has logged in.
    ///
    /// A canceled caller does not wait for a silent host: the thread ends by itself some seconds later.
    static func open(
        _ configuration: RabbitMQConnectionConfiguration,
        onEvent: @escaping @Sendable (RabbitMQConnectionEvent) -> Void
    ) async throws(RabbitMQError) -> ConnectionCore {
        let core = ConnectionCore(configuration: configuration, doorbell: try Doorbell())
        let opening = Opening()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { opened in
                guard opening.wait(opened) else { return }
                do throws(RabbitMQError) {
                    try OwnedThread.start {
                        do throws(RabbitMQError) {
                            let loop = try ConnectionLoop(core: core, onEvent: onEvent)
                            if !opening.end(.success(())) { core.abandon() }
                            loop.run()
                        } catch {
                            _ = core.finish(error)
                            opening.end(.failure(error))
                        }
                    }
                } catch {
                    opening.end(.failure(error))
                }
            }
        } onCancel: {
            opening.end(.failure(RabbitMQError(.cancelled, "The attempt to connect was canceled.")))
        }
        try result.get()
        return core
    }

    /// The waiter for a connection to open: resumed once, by the first outcome.
    private final class Opening: Sendable {
        typealias Waiter = CheckedContinuation<Result<Void, RabbitMQError>, Never>

        private struct State {
            var waiter: Waiter?
            var result: Result<Void, RabbitMQError>?
        }

        private let state = Mutex(State())

        /// False when it has already ended, and the waiter was told so.
        func wait(_ waiter: Waiter) -> Bool {
            let result = state.withLock { state in
                if state.result == nil { state.waiter = waiter }
                return state.result
            }
            if let result { waiter.resume(returning: result) }
            return result == nil
        }

        /// False when another outcome came first.
        @discardableResult
        func end(_ result: Result<Void, RabbitMQError>) -> Bool {
            let (isFirst, waiter): (Bool, Waiter?) = state.withLock { state in
                guard state.result == nil else { return (false, nil) }
                state.result = result
                return (true, state.waiter.take())
            }
            waiter?.resume(returning: result)
            return isFirst
        }
    }
}

extension RabbitMQConnectionConfiguration {
    /// Connects, and logs in. Blocks: for the connection's own thread only.
    func login() throws(RabbitMQError) -> OpaquePointer {
        guard let connection = rmq_connection_new() else {
            throw RabbitMQError(.overloaded, "Out of memory for a connection.")
        }
        do throws(RabbitMQError) {
            try connect(connection)
            try login(connection)
            return connection
        } catch {
            rmq_connection_free(connection)
            throw error
        }
    }

    private func connect(_ connection: OpaquePointer) throws(RabbitMQError) {
        var caFile = tls?.caCertificateFile
        if let tls, tls.verifiesPeer, caFile == nil { caFile = "/etc/ssl/certs/ca-certificates.crt" }
        let status = rmq_connect(
            connection,
            host,
            (addresses ?? [host]).joined(separator: ","),
            Int32(port),
            connectTimeout.milliseconds,
            rmq_tls(enabled: tls != nil, verifies_peer: tls?.verifiesPeer ?? false),
            caFile,
            tls?.certificateFile,
            tls?.keyFile
        )
        if status != 0 { throw connectError(status, caFile: caFile) }
    }

    private func connectError(_ status: Int32, caFile: String?) -> RabbitMQError {
        let failure = rmq_failure_of(status)
        let detail = String(cString: rmq_status_text(status))
        switch failure {
        case RMQ_FAILED_TIMEOUT:
            return RabbitMQError(.timedOut, "No connection to \(endpoint) within \(connectTimeout).")
        case RMQ_FAILED_FILE:
            let files = [caFile, tls?.certificateFile, tls?.keyFile].compactMap(\.self).joined(separator: ", ")
            return RabbitMQError(.tls, "One of these files is not a usable PEM file: \(files).")
        case RMQ_FAILED_TLS_HOST:
            return RabbitMQError(
                .tls,
                "The certificate of \(endpoint) is not for the host name '\(host)': connect by a DNS name that it contains."
            )
        case RMQ_FAILED_TLS, RMQ_FAILED_TLS_PEER:
            let trust = caFile.map { "its certificate is not signed by an authority in \($0), or " } ?? ""
            return RabbitMQError(
                .tls,
                "TLS with \(endpoint) failed: \(trust)it does not speak TLS 1.2 or newer (\(detail))."
            )
        default:
            return RabbitMQError(
                .refused,
                "Nothing answers at \(endpoint) (\(detail)): is the broker running, and is this its address?"
            )
        }
    }

    private func login(_ connection: OpaquePointer) throws(RabbitMQError) {
        // At least a second, because zero would mean none.
        let seconds = heartbeat == .zero ? 0 : max(1, Int32(clamping: heartbeat.components.seconds))
        let status = rmq_login(
            connection,
            username,
            password,
            virtualHost,
            name,
            Int32(frameMax),
            seconds,
            connectTimeout.milliseconds
        )
        if status == RMQ_REFUSED_BY_BROKER {
            throw refusal(rmq_refusal_code(connection), String(cString: rmq_refusal_text(connection)))
        }
        if status == 0 { return }
        let detail = String(cString: rmq_status_text(status))
        switch rmq_failure_of(status) {
        case RMQ_FAILED_TIMEOUT:
            throw RabbitMQError(
                .timedOut,
                "\(endpoint) accepted the connection but did not finish the login within \(connectTimeout)."
            )
        case RMQ_FAILED_CLOSED:
            throw RabbitMQError(.connectionLost, "\(endpoint) closed the connection during the login (\(detail)).")
        default:
            throw RabbitMQError(.protocolViolation, "\(endpoint) does not speak AMQP 0-9-1 (\(detail)).")
        }
    }

    private func refusal(_ replyCode: UInt16, _ text: String) -> RabbitMQError {
        switch replyCode {
        case 403:
            RabbitMQError(
                .authentication,
                "The broker at \(endpoint) does not accept the user '\(username)' with this password.",
                replyCode: replyCode
            )
        case 530:
            RabbitMQError(
                .notFound,
                "The broker at \(endpoint) has no virtual host '\(virtualHost)' for the user '\(username)': \(text).",
                replyCode: replyCode
            )
        default:
            RabbitMQError(
                RabbitMQError.Code(replyCode: replyCode),
                "The broker at \(endpoint) refused the login: \(text).",
                replyCode: replyCode
            )
        }
    }
}
