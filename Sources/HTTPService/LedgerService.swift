package import Access
import Glibc
import Hummingbird
import HummingbirdCore
package import LedgerHome
package import Logging
import NIOCore
package import Phrases
package import ServiceLifecycle
import Synchronization
import UnixSignals

/// The HTTP service of one ledger or several: Specs/http.md and Specs/serving.md.
package struct LedgerService: Service, CustomStringConvertible {
    package struct Options: Sendable {
        package var host = "127.0.0.1"
        /// 0 for any that is free.
        package var port = 8610
        /// In which problems are told to who states no preference, where a ledger states none.
        package var language = Language.english
        /// Nil: HTTP in the clear.
        package var certificates: TLSCertificates?
        /// Nil: nobody is told how this process is.
        package var supervisor: Supervisor?

        package init() {}
    }

    /// A ledger that is served.
    ///
    /// It is open for writing, and stays so until the service has ended.
    package struct Member: Sendable {
        /// The first segment of its paths; nil where it is the only one.
        package let prefix: String?
        package let ledger: Ledger
        package let authenticator: any Authenticator
        /// Made anew whenever the service grants or revokes one.
        let tokens: TokenRegister?
        package let registry: PrometheusRegistry
        /// Nil where the service does not publish it.
        let publication: PublicationPlan?

        package init(
            _ ledger: Ledger, _ authenticator: any Authenticator, tokens: TokenRegister? = nil,
            prefix: String? = nil, registry: PrometheusRegistry = PrometheusRegistry(),
            publication: PublicationPlan? = nil
        ) {
            (self.ledger, self.authenticator, self.prefix) = (ledger, authenticator, prefix)
            (self.tokens, self.registry, self.publication) = (tokens, registry, publication)
        }
    }

    /// For logs, which would else show all that it holds.
    package var description: String { "the HTTP service" }

    private let ledgers: [ServedLedger]
    private let responder: LedgersResponder
    private let options: Options
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    private static let connectionCountMax = 4_096
    private static let idleTimeout = TimeAmount.seconds(60)
    private static let stopsWithin = Duration.seconds(30)

    /// `onListening` gets the port when everything listens.
    package init(
        _ members: [Member], _ options: Options = Options(), logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) async throws(LedgerError) {
        (self.options, self.logger, self.onListening) = (options, logger, onListening)
        let memory = BodyMemory()
        var ledgers: [ServedLedger] = []
        for member in members {
            ledgers.append(
                try await ServedLedger(
                    member, options.language, memory,
                    seesCertificates: options.certificates != nil, logger: logger))
        }
        self.ledgers = ledgers
        responder = LedgersResponder(ledgers, options.language, memory)
    }

    // MARK: - Running

    /// Serves until it is stopped, and answers every request that has begun.
    package func run() async throws {
        let heads = ledgers.map(\.head)
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for one in ledgers {
                    group.addTask { await one.models.follow() }
                    group.addTask { await one.publications.run() }
                }
                do {
                    try await listen()
                } catch {
                    for head in heads { head.stop() }
                    throw error
                }
                for head in heads { head.stop() }
                // What the read models have not applied yet, they apply at the next start; what is
                // half published, the next publication finishes.
                group.cancelAll()
                try await group.waitForAll()
            }
        } onGracefulShutdown: {
            options.supervisor?.stopping()
            // Followers' streams have no other end.
            for head in heads { head.stop() }
        }
        for one in ledgers { one.models.close() }
    }

    private func listen() async throws {
        options.certificates?.tell(logger)
        let sockets = ledgers.compactMap { one in
            OwnerSocket.address(ledger: one.ledger.folder).map { (one, $0) }
        }
        if sockets.count < ledgers.count {
            logger.notice("a folder's name is too long for a socket of its owner")
        }
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { found.finish() }
                try await serveAll { found.yield($0) }
            }
            // An address that is not to be had ends everything before more is begun.
            guard let port = await ports.first(where: { _ in true }) else {
                return try await group.waitForAll()
            }
            let start = Start(awaiting: sockets.count)
            for (one, path) in sockets {
                group.addTask {
                    await serve(one, owner: path) { if start.isLast() { await tell(port) } }
                }
            }
            if sockets.isEmpty { await tell(port) }
            try await group.waitForAll()
        }
    }

    /// Serves whoever reaches the address.
    private func serveAll(
        _ onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) async throws {
        let address = BindAddress.hostname(options.host, port: options.port)
        do {
            try await application(responder, address, onListening).run()
        } catch let error where !(error is CancellationError) {
            let place = "\(options.host):\(options.port)"
            let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) }
            throw LedgerError(
                en: "cannot serve at \(place): \(reason ?? "\(error)")",
                zh: "无法在 \(place) 提供服务：\(reason ?? "\(error)")")
        }
    }

    /// Everything listens.
    private func tell(_ port: Int) async {
        await onListening(port)
        options.supervisor?.ready()
    }

    /// Serves the owner of a ledger at its socket.
    ///
    /// What lies there is of a process that died: the
    /// ledger's lock is ours.
    private func serve(
        _ one: ServedLedger, owner path: String, _ onListening: @escaping @Sendable () async -> Void
    ) async {
        defer { unlink(path) }
        let responder = OwnerResponder(
            responder: one.responder,
            routes: VaultRoutes(ledger: one.ledger, head: one.head).routes)
        let application = application(responder, .unixDomainSocket(path: path)) { _ in
            chmod(path, 0o600)
            await onListening()
        }
        do {
            try await application.run()
        } catch {
            // Not every file system has sockets; others are served all the same.
            logger.error("no socket for the owner", metadata: ["reason": "\(error)"])
            await onListening()
        }
    }

    private func application<Answering: HTTPResponder>(
        _ responder: Answering, _ address: BindAddress,
        _ onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) -> Application<Answering> where Answering.Context == Responder.Context {
        let isOwners = Answering.self == OwnerResponder.self
        return Application(
            responder: responder, server: server(isOwners: isOwners),
            configuration: ApplicationConfiguration(
                address: address,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    LedgerService.connectionCountMax, logger: logger)),
            onServerRunning: { await onListening($0.localAddress?.port ?? options.port) },
            logger: logger)
    }

    private func server(isOwners: Bool) -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(
            idleTimeout: LedgerService.idleTimeout,
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10,
                maxHeaderFieldCount: 100))
        let certificates = options.certificates
        return HTTPServerBuilder { respond in
            let plain = LoopChannel(
                base: HTTP1Channel(responder: respond, configuration: configuration))
            if isOwners { return OwnerChannel(base: plain) }
            guard let certificates else { return plain }
            return TLSChannel(base: plain, certificates: certificates)
        }
    }

    // MARK: - Stopping

    /// Serves until SIGTERM or SIGINT; SIGHUP has it read its certificates again.
    package func runUntilSignal() async throws {
        try await group(hearingSignals: true).run()
    }

    /// The service with what stops it: SIGTERM and SIGINT, if `hearingSignals`, and the group's own
    /// `triggerGracefulShutdown()`.
    package func group(hearingSignals: Bool) -> ServiceGroup {
        let upkeep = Upkeep(
            certificates: options.certificates, supervisor: options.supervisor,
            hearsSignals: hearingSignals, logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: self, successTerminationBehavior: .gracefullyShutdownGroup),
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: upkeep, successTerminationBehavior: .ignore),
            ],
            gracefulShutdownSignals: hearingSignals ? [.sigterm, .sigint] : [], logger: logger)
        configuration.maximumGracefulShutdownDuration = LedgerService.stopsWithin
        return ServiceGroup(configuration: configuration)
    }
}

/// Counts what is still to listen.
private final class Start: Sendable {
    private let awaited: Mutex<Int>

    init(awaiting count: Int) { awaited = Mutex(count) }

    /// Whether the one that listens now is the last.
    func isLast() -> Bool {
        awaited.withLock { count in
            count -= 1
            return count == 0
        }
    }
}
