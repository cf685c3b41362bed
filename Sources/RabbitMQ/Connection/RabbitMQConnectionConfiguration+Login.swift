import CRabbitMQ

/// A connection that has logged in, and where.
struct Login {
    let connection: OpaquePointer
    let address: BrokerAddress
}

extension RabbitMQConnectionConfiguration {
    /// Connects to one of the brokers, and logs in. Blocks: for the connection's own thread only.
    ///
    /// Each address is tried once. A refusal of the user or the virtual host, which all brokers know alike, is thrown at
    /// once.
    func login() throws(RabbitMQError) -> Login {
        var rest: [BrokerAddress] = []
        for (index, broker) in brokers.enumerated() {
            rest += BrokerAddress.all(of: broker, hosts: index == 0 ? addresses ?? [broker.host] : [broker.host])
        }
        rest = Array(choice.order(rest).prefix(Int(RMQ_MOST_ADDRESSES)))
        guard !rest.isEmpty else {
            throw RabbitMQError(.refused, "No address is known for \(endpoint): is its name right?")
        }
        var failures: [RabbitMQError] = []
        repeat {
            do throws(RabbitMQError) {
                return try login(to: &rest)
            } catch {
                if [.authentication, .notFound].contains(error.code) { throw error }
                failures.append(error)
            }
        } while !rest.isEmpty
        throw Self.sum(of: failures)
    }

    /// What all brokers have answered, as one error: with the code of the last.
    static func sum(of failures: [RabbitMQError]) -> RabbitMQError {
        var messages: [String] = []
        for failure in failures where !messages.contains(failure.message) { messages.append(failure.message) }
        let last = failures[failures.count - 1]
        return messages.count == 1 ? last : RabbitMQError(last.code, messages.joined(separator: " "))
    }

    /// Takes out of `rest` what it has tried.
    private func login(to rest: inout [BrokerAddress]) throws(RabbitMQError) -> Login {
        guard let connection = rmq_connection_new() else {
            rest = []
            throw RabbitMQError(.overloaded, "Out of memory for a connection.")
        }
        do throws(RabbitMQError) {
            let address: BrokerAddress
            if let tls {
                address = try connect(connection, &rest, tls)
            } else {
                address = try connect(connection, &rest)
            }
            do throws(RabbitMQError) {
                try login(connection, at: place(of: address))
            } catch {
                choice.leave(address.number)
                throw error
            }
            return Login(connection: connection, address: address)
        } catch {
            rmq_connection_free(connection)
            throw error
        }
    }

    /// To whichever address answers first. Those before it keep it company in `rest`: they may only be slow.
    private func connect(
        _ connection: OpaquePointer,
        _ rest: inout [BrokerAddress]
    ) throws(RabbitMQError) -> BrokerAddress {
        var index: Int32 = 0
        let status = rmq_connect(
            connection,
            rest.map(\.wire),
            Int32(rest.count),
            connectTimeout.milliseconds,
            &index
        )
        let slow = status == 0 ? rest.prefix(Int(index)) : rest[...]
        for address in slow { choice.leave(address.number) }
        guard status == 0 else {
            defer { rest = [] }
            throw failure(status, at: places(of: rest))
        }
        return rest.remove(at: Int(index))
    }

    /// To the first address, which has no more than its share of the time.
    private func connect(
        _ connection: OpaquePointer,
        _ rest: inout [BrokerAddress],
        _ tls: TLS
    ) throws(RabbitMQError) -> BrokerAddress {
        let caFile = tls.caCertificateFile ?? (tls.verifiesPeer ? "/etc/ssl/certs/ca-certificates.crt" : nil)
        let timeout = connectTimeout / rest.count
        let address = rest.removeFirst()
        var wire = address.wire
        let status = rmq_connect_tls(
            connection,
            address.broker.host,
            &wire,
            Int32(address.broker.port),
            timeout.milliseconds,
            tls.verifiesPeer,
            caFile,
            tls.certificateFile,
            tls.keyFile
        )
        guard status == 0 else {
            choice.leave(address.number)
            throw failure(status, of: tls, caFile: caFile, at: address, within: timeout)
        }
        return address
    }

    private func failure(_ status: Int32, at places: String) -> RabbitMQError {
        if rmq_failure_of(status) == RMQ_FAILED_TIMEOUT { return timeout(places, connectTimeout) }
        return RabbitMQError(
            .refused,
            "Nothing answers at \(places) (\(String(cString: rmq_status_text(status)))): is the broker running, and is this its address?"
        )
    }

    private func timeout(_ places: String, _ limit: Duration) -> RabbitMQError {
        RabbitMQError(.timedOut, "No connection to \(places) within \(limit).")
    }

    private func failure(
        _ status: Int32,
        of tls: TLS,
        caFile: String?,
        at address: BrokerAddress,
        within limit: Duration
    ) -> RabbitMQError {
        let place = place(of: address)
        switch rmq_failure_of(status) {
        case RMQ_FAILED_TIMEOUT: return timeout(place, limit)
        case RMQ_FAILED_FILE:
            let files = [caFile, tls.certificateFile, tls.keyFile].compactMap(\.self).joined(separator: ", ")
            return RabbitMQError(.tls, "One of these files is not a usable PEM file: \(files).")
        case RMQ_FAILED_TLS_HOST:
            return RabbitMQError(
                .tls,
                "The certificate of \(place) is not for the host name '\(address.broker.host)': connect by a DNS name that it contains."
            )
        case RMQ_FAILED_TLS, RMQ_FAILED_TLS_PEER:
            let trust = caFile.map { "its certificate is not signed by an authority in \($0), or " } ?? ""
            let detail = String(cString: rmq_status_text(status))
            return RabbitMQError(
                .tls,
                "TLS with \(place) failed: \(trust)it does not speak TLS 1.2 or newer (\(detail))."
            )
        default: return failure(status, at: place)
        }
    }

    private func login(_ connection: OpaquePointer, at place: String) throws(RabbitMQError) {
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
            throw refusal(rmq_refusal_code(connection), String(cString: rmq_refusal_text(connection)), place)
        }
        if status == 0 { return }
        let detail = String(cString: rmq_status_text(status))
        switch rmq_failure_of(status) {
        case RMQ_FAILED_TIMEOUT:
            throw RabbitMQError(
                .timedOut,
                "\(place) accepted the connection but did not finish the login within \(connectTimeout)."
            )
        case RMQ_FAILED_CLOSED:
            throw RabbitMQError(.connectionLost, "\(place) closed the connection during the login (\(detail)).")
        default:
            throw RabbitMQError(.protocolViolation, "\(place) does not speak AMQP 0-9-1 (\(detail)).")
        }
    }

    private func refusal(_ replyCode: UInt16, _ text: String, _ place: String) -> RabbitMQError {
        switch replyCode {
        case 403:
            RabbitMQError(
                .authentication,
                "The broker at \(place) does not accept the user '\(username)' with this password.",
                replyCode: replyCode
            )
        case 530:
            RabbitMQError(
                .notFound,
                "The broker at \(place) has no virtual host '\(virtualHost)' for the user '\(username)': \(text).",
                replyCode: replyCode
            )
        default:
            RabbitMQError(
                RabbitMQError.Code(replyCode: replyCode),
                "The broker at \(place) refused the login: \(text).",
                replyCode: replyCode
            )
        }
    }
}
