import Dispatch
import Foundation
import Glibc

/// The folder of a run's files; it goes when the run ends, also by Ctrl-C.
final class Scratch: Sendable {
    let folder: String

    init(in parent: String) throws {
        let folder = URL(filePath: parent).appending(path: "hanqing-bench-\(getpid())").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        self.folder = folder
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                // The handler holds the source, which would else be gone before any signal.
                source.cancel()
                Children.endAll()
                try? FileManager.default.removeItem(atPath: folder)
                exit(128 + number)
            }
            source.resume()
        }
    }

    func remove() {
        Children.endAll()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
