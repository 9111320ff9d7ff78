import Foundation
import Glibc

/// Runs what may wait for the disk on threads of its own, so that it takes none from appending,
/// however long it is.
final class DiskExecutor: TaskExecutor {
    private let threads: OperationQueue
    private let isYielding: Bool

    /// A share of a tenth beside others that want the same core: setpriority(2).
    private static let yieldingNiceness: Int32 = 10

    /// With `isYielding` the threads leave the cores to others that want them.
    init(threadCount: Int, isYielding: Bool = false) {
        threads = OperationQueue()
        threads.name = "hanqing.disk"
        threads.maxConcurrentOperationCount = threadCount
        // Threads are shared by all queues of one quality: those that yield have one of their own.
        threads.qualityOfService = isYielding ? .background : .utility
        self.isYielding = isYielding
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        threads.addOperation {
            if self.isYielding { DiskExecutor.yield() }
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }

    private static func yield() {
        // Of the calling thread, although POSIX says process.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, yieldingNiceness)
    }
}
