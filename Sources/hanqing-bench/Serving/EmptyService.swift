import CanonicalJSON
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Reads each request to its end and answers 204: what the HTTP library alone can do.
struct EmptyService: HTTPResponder {
    struct Context: InitializableFromSource, Sendable {
        init(source: ApplicationRequestContextSource) {}
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        for try await _ in request.body {}
        return Response(status: .noContent)
    }

    /// Serves until it is told to stop; prints where.
    static func run() async throws {
        let application = Application(
            responder: EmptyService(), server: .http1(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                let line: JSONValue = ["url": .string("http://127.0.0.1:\(port)")]
                FileHandle.standardOutput.write(Data((line.canonicalText + "\n").utf8))
            },
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        try await application.runService()
    }
}
