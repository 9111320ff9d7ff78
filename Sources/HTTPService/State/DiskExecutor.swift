import Foundation

/// Runs what may wait for the disk on threads of its own, so that it takes none from appending,
/// however long it is.
final class DiskExecutor: TaskExecutor {
    private let threads: OperationQueue

    init(threadCount: Int) {
        threads = OperationQueue()
        threads.name = "hanqing.disk"
        threads.maxConcurrentOperationCount = threadCount
        threads.qualityOfService = .utility
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        threads.addOperation { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
