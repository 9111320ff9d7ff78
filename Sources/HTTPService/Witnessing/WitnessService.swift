import Checkpoints
import DurableFiles
import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import LedgerHome
package import Logging
import NIOCore
package import Phrases
package import ServiceLifecycle
import UnixSignals
package import Witnessing

/// A witness over HTTP: Specs/witness.md section 2.
package struct WitnessService: Service, CustomStringConvertible {
    package struct Options: Sendable {
        package var host = "127.0.0.1"
        /// 0 for any that is free.
        package var port = 8620
        package var language = Language.english

        package init() {}
    }

    package var description: String { "the witness" }

    private let responder: Responder
    private let options: Options
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    private static let connectionCountMax = 256
    private static let idleTimeout = TimeAmount.seconds(60)
    private static let stopsWithin = Duration.seconds(30)
    /// Requests are small, and few are judged at a time.
    private static let bodyMemory = 64 << 20

    /// `seconds` is the time since 1970 that cosignatures state; `onListening` gets the port.
    package init(
        _ witness: Witness, _ options: Options = Options(), logger: Logger,
        seconds: @escaping @Sendable () -> UInt64,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        (self.options, self.logger, self.onListening) = (options, logger, onListening)
        let routes = WitnessRoutes(witness: witness, seconds: seconds, logger: logger)
        responder = Responder(
            table: RouteTable(routes: routes.table), authenticator: OpenDoor(), base: "",
            language: options.language, memory: BodyMemory(byteCountMax: WitnessService.bodyMemory),
            measures: ServiceMeasures(registry: PrometheusRegistry()))
    }

    package func run() async throws {
        let configuration = HTTP1Channel.Configuration(
            idleTimeout: WitnessService.idleTimeout,
            httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10,
                maxHeaderFieldCount: 100))
        let application = Application(
            responder: responder,
            server: HTTPServerBuilder { respond in
                HTTP1Channel(responder: respond, configuration: configuration)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    WitnessService.connectionCountMax, logger: logger)),
            onServerRunning: { await onListening($0.localAddress?.port ?? options.port) },
            logger: logger)
        do {
            try await application.run()
        } catch let error as IOError {
            let place = "\(options.host):\(options.port)"
            let reason = String(cString: strerror(error.errnoCode))
            throw LedgerError(
                en: "cannot serve at \(place): \(reason)", zh: "无法在 \(place) 提供服务：\(reason)")
        }
    }

    /// Serves until SIGTERM or SIGINT.
    package func runUntilSignal() async throws {
        try await group(hearingSignals: true).run()
    }

    /// The service with what stops it.
    package func group(hearingSignals: Bool) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: [
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: self, successTerminationBehavior: .gracefullyShutdownGroup)
            ],
            gracefulShutdownSignals: hearingSignals ? [.sigterm, .sigint] : [], logger: logger)
        configuration.maximumGracefulShutdownDuration = WitnessService.stopsWithin
        return ServiceGroup(configuration: configuration)
    }
}
