import Catalogue
import Testing

@Suite struct CheckDigitTests {
    @Test(arguments: ["91330109MA27A1B2C7", "92330110MA2C3D4E5X", "113301000025014902"])
    func `a credit code with its check character is right, and with any other wrong`(
        code: String
    ) {
        let bytes = Array(code.utf8)
        #expect(bytes.withUnsafeBytes(CreditCode.isSound))
        for place in bytes.indices {
            for other in "0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZa-".utf8 where other != bytes[place] {
                var changed = bytes
                changed[place] = other
                #expect(!changed.withUnsafeBytes(CreditCode.isSound))
            }
        }
        #expect(!Array(bytes.dropLast()).withUnsafeBytes(CreditCode.isSound))
        #expect(!(bytes + [0x30]).withUnsafeBytes(CreditCode.isSound))
    }

    @Test(arguments: ["330106199001010018", "330102198512312341", "330182197707049990"])
    func `an identity number with its check character is right, and with any other wrong`(
        number: String
    ) {
        let bytes = Array(number.utf8)
        #expect(bytes.withUnsafeBytes(ResidentIdentity.isSound))
        for place in bytes.indices {
            for other in "0123456789Xx".utf8 where other != bytes[place] {
                var changed = bytes
                changed[place] = other
                #expect(!changed.withUnsafeBytes(ResidentIdentity.isSound))
            }
        }
    }

    /// The formula over base 13 is another way to the same digit: GB 11643 by (1 − 2·n) mod 11.
    @Test func `identity check digits agree with the formula over base 13`() {
        var number = 33_010_619_900_101_001
        for _ in 0..<500 {
            number += 7_919
            let digits = Array(String(number).utf8)
            let residue = digits.reduce(0) { ($0 * 13 + Int($1 - 0x30)) % 11 }
            let check = ((1 - 2 * residue) % 11 + 11) % 11
            let expected = check == 10 ? UInt8(ascii: "X") : 0x30 + UInt8(check)
            #expect(digits.withUnsafeBytes(ResidentIdentity.check) == expected)
        }
    }

    @Test func `an identity number needs a day of birth that the calendar has`() {
        for day in ["19900230", "19901301", "18991231", "00000000"] {
            var bytes = Array("330106\(day)001".utf8)
            if let check = bytes.withUnsafeBytes(ResidentIdentity.check) { bytes.append(check) }
            #expect(bytes.count == 18)
            #expect(!bytes.withUnsafeBytes(ResidentIdentity.isSound), "\(day)")
        }
    }

    @Test(arguments: [
        "杭应急罚〔2025〕12号", "杭应急〔2021〕24号", "杭安监管办〔2016〕51号", "杭政办函〔2020〕25号",
        "（龙）应急罚〔2023〕41号", "（湘株醴）应急罚〔2023〕125号", "（津保）应急罚[2023]k-39号",
        "杭应急罚【2025】12号", "杭应急罚［2025］12号", "杭应急罚(2025)12号", "杭应急罚（2025）12号",
        "国办发〔2018〕第118号",
    ])
    func `document numbers of every bracket are read`(text: String) {
        #expect(Array(text.utf8).withUnsafeBytes(DocumentNumber.isSound))
    }

    @Test(arguments: [
        "", "号", "12号", "〔2025〕12号", "杭应急罚〔2025〕12", "杭应急罚〔2025〕号", "杭应急罚2025-12号",
        "杭应急罚〔25〕12号", "杭应急罚〔2025]12号", "杭应急罚〔1825〕12号", "杭应急罚〔2025〕12号 ",
        "杭应急罚〔2025〕1234567号", "杭应急罚〔2025〕一号",
    ])
    func `what is no document number is refused`(text: String) {
        #expect(!Array(text.utf8).withUnsafeBytes(DocumentNumber.isSound))
    }

    @Test func `one number in other brackets and widths is one alias`() {
        let spellings = [
            "杭应急罚〔2025〕12号", "杭应急罚[2025]12号", "杭应急罚【2025】12号", "杭应急罚［２０２５］１２号",
            "杭应急罚 〔2025〕 12号",
        ]
        #expect(Set(spellings.map(DocumentNumber.normalised)) == ["杭应急罚〔2025〕12号"])
        #expect(DocumentNumber.normalised("（龙）应急罚〔2023〕41号") == "(龙)应急罚〔2023〕41号")
    }
}
