import CanonicalJSON
import Catalogue
import Digests
import Records

// What stands for names, texts and numbers. All of it is fictitious and says so.
extension DraftWriter {
    func filled(_ filler: DraftFiller, _ event: DraftEvent, _ bits: UInt64) -> JSONValue {
        switch filler {
        case .string(let title, let most): .string(fitted(name(title, bits), most))
        case .text(let title, let most): .string(prose(title, most, bits))
        case .party(let most): .string(fitted(firm(bits), most))
        case .docNo: .string(docNo(event, bits))
        case .uscc: .string(CreditCodeText.made(region(bits), bits))
        case .residentId: .string(residentID(bits))
        case .certificate: .string("33" + padded(Int(bits % 1_000_000_000), 9))
        case .region: .string(region(bits))
        case .digest: .string(SHA256.digest(of: "\(bits)".utf8).hex)
        case .uri: .string("https://sample.example/page/\(bits % 1_000_000)")
        case .organisation:
            ["name": .string(firm(bits)), "uscc": .string(CreditCodeText.made(region(bits), bits))]
        case .caseID:
            .string(
                shared.caseID(
                    draft.procedures[event.stream], CivilDate(dayNumber: event.day).year,
                    1 + Int(bits % 99_999)))
        case .target: ["seq": 2, "leafHash": .string(Digest.zero.hex)]
        case .attachment, .reference: .null
        }
    }

    private func stem(_ bits: UInt64) -> String {
        let stems = Vocabulary.stems
        return String(decoding: stems[Mixing.below(stems.count, Mixing.mixed(bits))], as: UTF8.self)
    }

    private func firm(_ bits: UInt64) -> String { "虚构样例\(stem(bits))有限公司" }

    private func name(_ title: String, _ bits: UInt64) -> String {
        "虚构样例\(stem(bits))·\(title)"
    }

    /// As much of `text` as has at most so many bytes.
    private func fitted(_ text: String, _ bytesMax: Int) -> String {
        var text = Substring(text)
        while bytesMax > 0, text.utf8.count > bytesMax { text.removeLast() }
        return text.hasSuffix("·") ? String(text.dropLast()) : String(text)
    }

    private func prose(_ title: String, _ bytesMax: Int, _ bits: UInt64) -> String {
        var text = "（虚构样例）\(title)。"
        var bits = Mixing.mixed(bits)
        for _ in 0..<Vocabulary.sentenceCounts[Int(bits & 15)] {
            bits = Mixing.mixed(bits)
            let sentence = Vocabulary.sentences[Mixing.below(Vocabulary.sentences.count, bits)]
            if text.utf8.count + sentence.count > bytesMax { break }
            text += String(decoding: sentence, as: UTF8.self)
        }
        return fitted(text, bytesMax)
    }

    private func docNo(_ event: DraftEvent, _ bits: UInt64) -> String {
        "虚构应急〔\(CivilDate(dayNumber: event.day).year)〕\(1 + bits % 99_999)号"
    }

    private func region(_ bits: UInt64) -> String {
        guard !shared.regions.isEmpty else { return "" }
        return shared.regions[Mixing.below(shared.regions.count, Mixing.mixed(bits &+ 1))]
    }

    /// Born between 1960 and 1999.
    private func residentID(_ bits: UInt64) -> String {
        let birth = CivilDate(dayNumber: -3653 + Int(bits % 14_600))
        let date = birth.text.replacing("-", with: "")
        let start = region(bits).prefix(6) + date + padded(Int(bits >> 40 % 1000), 3)
        let check = Array(start.utf8).withUnsafeBytes { ResidentIdentity.check($0) }
        return start + String(decoding: [check ?? UInt8(ascii: "0")], as: UTF8.self)
    }
}
