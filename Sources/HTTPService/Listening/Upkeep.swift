import Logging
import ServiceLifecycle
import UnixSignals

/// What goes on beside answering: certificates are read again, and systemd hears that we live.
struct Upkeep: Service {
    let certificates: TLSCertificates?
    let supervisor: Supervisor?
    let hearsSignals: Bool
    let logger: Logger

    private static let looksEvery = Duration.seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                if hearsSignals { group.addTask { await reloadOnSignal() } }
                if let certificates {
                    group.addTask {
                        await every(Upkeep.looksEvery) { certificates.reloadIfChanged(logger) }
                    }
                }
                if let supervisor, let interval = supervisor.watchdogInterval {
                    group.addTask { await every(interval) { supervisor.alive() } }
                }
            }
        }
    }

    /// SIGHUP would end a process that does not hear it.
    private func reloadOnSignal() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            supervisor?.reloading()
            certificates?.reload(logger)
            supervisor?.ready()
        }
    }

    private func every(_ interval: Duration, _ body: () -> Void) async {
        while !Task.isCancelled {
            body()
            try? await Task.sleep(for: interval)
        }
    }
}
