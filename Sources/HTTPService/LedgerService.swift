package import Access
import Checkpoints
import Hummingbird
import HummingbirdCore
package import LedgerHome
package import Logging
import Merkle
import NIOCore
package import Phrases
package import ServiceLifecycle
import UnixSignals

/// The HTTP service of one ledger: Specs/http.md.
package struct LedgerService: Service, CustomStringConvertible {
    package struct Options: Sendable {
        package var host = "127.0.0.1"
        /// 0 for any that is free.
        package var port = 8610
        /// In which problems are told to who states no preference.
        package var language = Language.english

        package init() {}
    }

    private let responder: Responder
    private let models: ReadModels
    private let head: Watermark
    private let options: Options
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// For logs, which would else show all that it holds.
    package var description: String { "the HTTP service" }

    private static let connectionCountMax = 4_096
    private static let idleTimeout = TimeAmount.seconds(60)
    private static let stopsWithin = Duration.seconds(30)

    /// `ledger` is open for writing, and stays so until the service has ended; `onListening` gets
    /// the port. `tokens` is made anew whenever the service grants or revokes one.
    package init(
        _ ledger: Ledger, _ authenticator: any Authenticator, _ options: Options = Options(),
        tokens: TokenRegister? = nil, registry: PrometheusRegistry = PrometheusRegistry(),
        logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) async throws(LedgerError) {
        guard let sequencer = ledger.sequencer else {
            throw LedgerError(
                en: "the service needs the ledger open for writing", zh: "服务须以可写方式打开账本")
        }
        (self.options, self.logger, self.onListening) = (options, logger, onListening)
        head = Watermark(size: try await ledger.checkpoint().size.rawValue)
        models = try ReadModels(ledger, head, logger: logger)
        let measures = ServiceMeasures(registry: registry)
        let table = RouteTable(
            ledger, sequencer, head, models, measures, TokenDesk(ledger, register: tokens))
        responder = Responder(
            table: table, authenticator: authenticator, language: options.language,
            memory: BodyMemory(), measures: measures)
    }

    /// Serves until it is stopped, and answers every request that has begun.
    package func run() async throws {
        let application = Application(
            responder: responder,
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: LedgerService.idleTimeout,
                    httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10,
                        maxHeaderFieldCount: 100))),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    LedgerService.connectionCountMax, logger: logger)),
            onServerRunning: { channel in
                await onListening(channel.localAddress?.port ?? options.port)
            },
            logger: logger)
        let (head, models) = (head, models)
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await models.follow() }
                do {
                    try await application.run()
                } catch {
                    await head.stop()
                    throw error
                }
                await head.stop()
                // What the read models have not applied yet, they apply at the next start.
                group.cancelAll()
                try await group.waitForAll()
            }
        } onGracefulShutdown: {
            // Followers' streams have no other end.
            Task { await head.stop() }
        }
        models.close()
    }

    /// Serves until SIGTERM or SIGINT.
    package func runUntilSignal() async throws {
        try await group(stoppingOnSignals: true).run()
    }

    /// The service with what stops it: SIGTERM and SIGINT, if `onSignals`, and the group's own
    /// `triggerGracefulShutdown()`.
    package func group(stoppingOnSignals onSignals: Bool) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: [
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: self, successTerminationBehavior: .gracefullyShutdownGroup)
            ],
            gracefulShutdownSignals: onSignals ? [.sigterm, .sigint] : [], logger: logger)
        configuration.maximumGracefulShutdownDuration = LedgerService.stopsWithin
        return ServiceGroup(configuration: configuration)
    }
}
