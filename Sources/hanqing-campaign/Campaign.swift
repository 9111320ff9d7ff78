import ArgumentParser

/// Attacks on the shipped programs, each with a seed that replays it.
@main
struct Campaign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hanqing-campaign",
        abstract: "Attack Hanqing and see whether it holds. 对汗青进行破坏性检验。",
        discussion: """
            Each campaign prints its seed, one line for each failure, and one line at the end.
            Exit codes: 0 all held, 1 something did not hold, 64 wrong usage.
            """,
        subcommands: [
            AnchorsCommand.self, CallsCampaign.self, FollowersCommand.self, ForgeCommand.self,
            FuzzCommand.self, KillCommand.self, LostAnswersCommand.self, OverloadCommand.self,
            PowerCampaign.self, ProjectCommand.self, RotateCommand.self, SealsCommand.self,
            Simulate.self, TamperCommand.self,
        ])
}

/// Options that every campaign has.
struct CampaignOptions: ParsableArguments {
    @Option(help: "Repeats the run with this seed; a new one is drawn otherwise. 随机种子。")
    var seed: UInt64 = .random(in: 0..<1_000_000)

    @Option(help: "How many rounds. 轮数。")
    var rounds: Int?

    @Option(help: "Where to put temporary ledgers. 临时目录。")
    var folder = "."

    @Flag(help: "Keep the folder of a failed round, to look at. 保留失败现场。")
    var keep = false

    @Flag(help: "One JSON object on standard output at the end. 以 JSON 输出。")
    var json = false
}
