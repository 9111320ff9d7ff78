package import Phrases

/// Why an index could not be opened, read or written.
///
/// The log has everything the index has: whoever catches one throws the index away
/// (``SortedRuns/removeAll()``) and replays the log.
package struct IndexError: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The operating system refused a call.
        case unavailable
        /// A file that the manifest names is not there.
        case missing
        /// A file is not what was written.
        case damaged
        /// The owner went away before the work was done.
        case abandoned
    }

    package let code: Code
    /// The file that this is about.
    package let path: String
    package let reason: Phrase

    /// For tests and callers alike the code decides; the rest is for people.
    package static func == (left: IndexError, right: IndexError) -> Bool {
        left.code == right.code
    }

    package var description: String { reason.en }
}

extension IndexError {
    static func damaged(_ path: String, _ en: String, _ zh: String) -> IndexError {
        IndexError(
            code: .damaged, path: path,
            reason: Phrase(
                en: "The index file \(path) is damaged: \(en). Rebuild the index from the log.",
                zh: "索引文件 \(path) 已损坏：\(zh)。请根据日志重建索引。"))
    }

    /// `number` is the system's errno of the call that failed.
    static func system(_ call: String, _ path: String, _ number: Int32) -> IndexError {
        let code: Code = number == 2 ? .missing : .unavailable  // 2 is ENOENT everywhere
        return IndexError(
            code: code, path: path,
            reason: Phrase(
                en: "The system refused to \(call) the index file \(path) (errno \(number)).",
                zh: "系统未能对索引文件 \(path) 执行 \(call) 操作（errno \(number)）。"))
    }

    static func abandoned(_ path: String) -> IndexError {
        IndexError(
            code: .abandoned, path: path,
            reason: Phrase(
                en: "Writing the index file \(path) was given up because its owner closed.",
                zh: "索引已关闭，放弃写入索引文件 \(path)。"))
    }
}
