import ArgumentParser
import Foundation
import TestKit

/// Strikes each call of the system that the program makes, once in each way.
struct CallsCampaign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls",
        abstract: "Every call of the system fails, or the program dies at it. 逐个系统调用故障。",
        discussion: """
            Without --rounds all calls of all operations are struck, each in each way; with it a
            random choice of them. Specs/campaigns.md says what is done and what must hold.
            """)

    @OptionGroup var options: CampaignOptions

    @Option(help: "Only this operation; may be repeated. 只做该操作。")
    var operation: [String] = []

    @Option(help: "How many cases run at once. 并行数。")
    var jobs = 2

    func validate() throws {
        for name in operation where !CallOperation.all.contains(where: { $0.name == name }) {
            throw ValidationError(
                "--operation is one of " + CallOperation.all.map(\.name).joined(separator: ", "))
        }
    }

    func run() async throws {
        let work = try WorkFolder(options.folder, "calls", keep: options.keep)
        let cases = try allCases(work.path)
        let tally = Tally("calls", options, total: cases.count)
        await withTaskGroup(of: (Int, CallCase.Findings).self) { group in
            var next = 0
            func start() {
                guard next < cases.count else { return }
                let (place, one) = (next, cases[next])
                group.addTask { (place, one.run()) }
                next += 1
            }
            for _ in 0..<max(1, jobs) { start() }
            for await (place, findings) in group {
                count(findings, of: cases[place], tally)
                start()
            }
        }
        try work.end(keeping: !tally.failures.isEmpty)
        try tally.end()
    }

    private func allCases(_ folder: String) throws -> [CallCase] {
        let bench = try CallBench(try InterposedProgram(), scratch: folder + "/bench")
        var cases: [CallCase] = []
        for one in CallOperation.all where operation.isEmpty || operation.contains(one.name) {
            let template = try CallTemplate(one, bench, folder: folder + "/" + one.name)
            for site in template.sites {
                for fault in CallFault.all(at: site) {
                    let place = "\(folder)/\(one.name)/case-\(cases.count)"
                    cases.append(
                        CallCase(
                            operation: one, fault: fault, bench: bench, template: template,
                            folder: place))
                }
            }
        }
        guard let rounds = options.rounds else { return cases }
        var random = Seeded(seed: options.seed)
        return Array(cases.shuffled(using: &random).prefix(rounds))
    }

    private func count(_ findings: CallCase.Findings, of one: CallCase, _ tally: Tally) {
        tally.round()
        tally.count(one.operation.name)
        if !findings.wasStruck { tally.count("not reached") }
        if findings.wasStruck, one.fault.kills { tally.count("killed") }
        if findings.wasStruck, !one.fault.kills {
            tally.count(findings.wasUnnoticed ? "done all the same" : "answered with an error")
        }
        for failure in findings.failures { tally.fail(failure) }
        if findings.failures.isEmpty || !options.keep {
            try? FileManager.default.removeItem(atPath: one.folder)
        }
    }
}
