package import Phrases

/// Why a file is no policy.
package struct PolicyError: Error, Hashable, Sendable {
    package enum Reason: Error, Hashable, Sendable {
        /// Too long, or control characters.
        case notText
        /// None of log, witness, group and quorum.
        case unknownWord
        case wrongWordCount
        case key(KeyTextError)
        case keyOfOtherType(wanted: SignatureType)
        case repeatedKey
        /// Also for `none`, which is defined already.
        case repeatedName
        /// No line before this one defines it.
        case unknownName
        /// A name is in two groups, or twice in one.
        case repeatedMember
        case badThreshold
        case noQuorum
        case repeatedQuorum
    }

    /// Counted from 1; nil where no line is at fault.
    package let line: Int?
    package let reason: Reason

    init(line: Int?, _ reason: Reason) {
        (self.line, self.reason) = (line, reason)
    }

    package var phrase: Phrase {
        let why = reason.phrase
        guard let line else { return Phrase(en: "policy: \(why.en)", zh: "见证策略：\(why.zh)") }
        return Phrase(
            en: "policy, line \(line): \(why.en)", zh: "见证策略第 \(line) 行：\(why.zh)")
    }
}

extension PolicyError.Reason {
    fileprivate var phrase: Phrase {
        switch self {
        case .notText:
            Phrase(
                en: "no text, or over \(WordLines.byteCountMax) bytes",
                zh: "不是文本，或超过 \(WordLines.byteCountMax) 字节")
        case .unknownWord:
            Phrase(
                en: "a line begins with log, witness, group or quorum",
                zh: "行首应为 log、witness、group 或 quorum")
        case .wrongWordCount:
            Phrase(en: "too few or too many words", zh: "词数不对")
        case .key(let error): error.phrase
        case .keyOfOtherType(.cosignature):
            Phrase(
                en: "a witness's key is a cosigner's (type 04), as hanqing witness key prints it",
                zh: "见证人密钥应为联署密钥（类型 04），见 hanqing witness key 的输出")
        case .keyOfOtherType:
            Phrase(
                en: "a log's key signs checkpoints (type 01); this is a cosigner's",
                zh: "账本密钥应为签名密钥（类型 01），此为联署密钥")
        default: namesPhrase
        }
    }

    private var namesPhrase: Phrase {
        switch self {
        case .repeatedKey:
            Phrase(en: "this public key stands on a line before", zh: "该公钥在前面已出现")
        case .repeatedName:
            Phrase(en: "this name is taken already", zh: "该名称已被使用")
        case .unknownName:
            Phrase(en: "no line before defines this name", zh: "前面没有定义该名称")
        case .repeatedMember:
            Phrase(
                en: "a name is a member of one group only, once", zh: "一个名称只能在一个组内出现一次")
        case .badThreshold:
            Phrase(
                en: "a group needs all, any, or a number from 1 to that of its members",
                zh: "组的门限应为 all、any，或 1 至成员数之间的数")
        case .noQuorum:
            Phrase(en: "it has no line quorum", zh: "缺少 quorum 行")
        default:
            Phrase(en: "there is a line quorum already", zh: "quorum 行重复")
        }
    }
}
