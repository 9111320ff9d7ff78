/// Words of which fictitious names and texts are made.
///
/// Nothing here names a person, a place or a firm; names begin with 虚构样例, "fictitious sample".
enum Vocabulary {
    /// The sixty pairs of stems and branches, by which years were counted, and a number.
    static let stems: [[UInt8]] = {
        let stems = Array("甲乙丙丁戊己庚辛壬癸")
        let branches = Array("子丑寅卯辰巳午未申酉戌亥")
        let series = ["", "一", "二", "三", "四", "五", "六", "七"]
        return series.flatMap { number in
            (0..<60).map { Array("\(stems[$0 % 10])\(branches[$0 % 12])\(number)".utf8) }
        }
    }()

    static let numerals = "零一二三四五六七八九".map { Array(String($0).utf8) }

    /// Sentences that may follow any text, from short to long.
    static let sentences: [[UInt8]] = [
        "（虚构样例）已核对。", "情况属实。", "材料齐全。", "经办人已签字确认。", "相关材料附后。",
        "现场情况已拍照留存，原件存卷。", "当事人对上述记录无异议，已逐页签字。",
        "整改期间已安排专人值守，未发生异常情况。",
        "（虚构样例）经向当事人核实，相关设备自停用之日起未再投入运行，台账记载与现场情况一致。",
        "承办人已就有关问题与当事人沟通，并将沟通情况记入笔录，由双方核对无误后签名并注明日期。",
        "经查阅近三个月的值班记录、检维修记录和培训档案，发现部分记录不完整，已要求限期补充并说明原因。",
        "（虚构样例）有关单位反映的情况已逐项登记，涉及其他部门职责的，已按程序转送，并约定了反馈时限和联系方式。",
        "综合现场检查、询问笔录、书证和电子数据，各项证据能够相互印证，来源合法，内容真实，与待证事实具有关联性，可以作为认定事实的依据。",
        "考虑到该单位主动配合调查，及时消除隐患，未造成危害后果，且系首次被发现，建议在法定幅度内综合裁量，并督促其完善制度、加强培训、落实责任。",
        """
        会议认为，该事项关系企业切身利益和公共安全，应当充分听取各方面意见，重点说明必要性、可行性和可能的风险，\
        明确实施步骤、责任单位和完成时限，实施满一年后组织评估，根据评估结果及时调整完善。
        """,
        """
        （虚构样例）下一步，由承办单位会同有关部门建立台账，实行清单管理、逐项销号，每月汇总进展，对进度滞后的及时提醒；\
        对工作中发现的共性问题，研究提出规范性意见；对涉嫌违法犯罪的线索，依法移送有关机关处理，并做好衔接和信息反馈。
        """,
    ].map { Array($0.utf8) }

    static let sentenceByteCountMax = sentences.map(\.count).max() ?? 0

    /// How many sentences follow a text: mostly few, now and then many.
    static let sentenceCounts = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4, 8]

    /// The alphabet of credit codes, and of the nine characters for their subject (GB 32100-2015).
    static let creditCodeAlphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
}
