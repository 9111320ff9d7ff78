import Phrases

/// Looks at all bytes for what the XML parser does not bear, before it sees them.
///
/// FoundationXML ends the process at a processing instruction without content, `<?name?>`. And a
/// zero byte, which XML does not know, is the mark of an encoding in which a DOCTYPE could hide. It
/// does not follow comments and CDATA: what is refused is refused there too, and nothing can put it
/// out of step.
struct XMLGuard {
    private enum State {
        case elsewhere
        /// After `<`.
        case opened
        /// In the name after `<?`.
        case name
        /// After a question mark in that name.
        case question
    }

    private var state = State.elsewhere

    /// What is wrong with `bytes`, which follow those of the call before.
    mutating func look(at bytes: UnsafeRawBufferPointer) -> Phrase? {
        if bytes.contains(0) { return XMLGuard.zeroByte }
        for byte in bytes {
            switch (state, byte) {
            case (.elsewhere, UInt8(ascii: "<")), (.opened, UInt8(ascii: "<")): state = .opened
            case (.elsewhere, _): break
            case (.opened, UInt8(ascii: "?")): state = .name
            case (.opened, _): state = .elsewhere
            case (.question, UInt8(ascii: ">")): return XMLGuard.instruction
            case (_, UInt8(ascii: "?")): state = .question
            case (_, 0x20), (_, 0x09), (_, 0x0A), (_, 0x0D): state = .elsewhere
            default: state = .name
            }
        }
        return nil
    }

    private static let instruction = Phrase(
        en: "a processing instruction without content (<?name?>) is not read; remove it",
        zh: "不读取没有内容的处理指令（<?名称?>），请删去")
    private static let zeroByte = Phrase(
        en: "the file holds a zero byte: it is not XML in UTF-8; convert it to UTF-8",
        zh: "文件含有零字节，不是 UTF-8 编码的 XML；请转换为 UTF-8")
}
