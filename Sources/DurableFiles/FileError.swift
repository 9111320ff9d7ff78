import Glibc
package import Phrases

/// The system refused something with a file: what, where, and what can be done.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package let phrase: Phrase

    package init(_ phrase: Phrase) {
        self.phrase = phrase
    }

    /// What `errno` says of `action`, an English verb as in "cannot write".
    init(_ action: String, _ path: String, _ number: Int32 = errno) {
        let text = String(cString: strerror(number))
        let hint =
            switch number {
            case ENOSPC, EDQUOT: (en: "; free some space and try again", zh: "；请清理磁盘空间后重试")
            case EACCES, EPERM, EROFS: (en: "; check permissions", zh: "；请检查权限")
            default: (en: "", zh: "")
            }
        phrase = Phrase(
            en: "cannot \(action) \(path): \(text)\(hint.en)",
            zh: "无法对 \(path) 执行 \(action)：\(text)\(hint.zh)")
    }

    package var description: String { phrase.en }
}
