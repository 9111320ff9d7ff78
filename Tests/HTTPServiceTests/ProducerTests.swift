import TestKit
import Testing

/// What the READMEs show to those who write producers.
@Suite struct ProducerTests {
    @Test(arguments: [("README.md", "## Other services"), ("README.zh.md", "## 业务系统对接")])
    func `the example in Python appends with a token, and its receipt proves`(
        readme: String, heading: String
    ) async throws {
        let outcome = try await ProducerExample.python.run(readme, under: heading)
        #expect(outcome.refused != 0)
        #expect(outcome.appended == 0)
        #expect(outcome.checked.exitCode == 0, "\(outcome.checked.output)")
        #expect(outcome.judged.exitCode == 0, "\(outcome.judged.output)")
    }
}
