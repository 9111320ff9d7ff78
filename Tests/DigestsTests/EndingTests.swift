import Digests
import Foundation
import Synchronization
import Testing

@Suite struct EndingTests {
    private static let begun = Atomic(0)

    /// As a scrub does: where libcrypto cleans up as the process ends, one in seven crashes.
    @Test func `a process may end while its threads hash`() async {
        for _ in 0..<40 {
            await #expect(processExitsWith: .exitCode(0)) {
                for _ in 0..<4 {
                    Thread.detachNewThread {
                        while true {
                            _ = SHA256()
                            EndingTests.begun.add(1, ordering: .relaxed)
                        }
                    }
                }
                while EndingTests.begun.load(ordering: .relaxed) < 200 {}
                exit(0)
            }
        }
    }
}
