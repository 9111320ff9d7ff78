package import Digests

/// What a reporter is given, and nobody else has: Specs/sealing.md section 10.
///
/// 28 random digits, 93 bits, and two check digits, in six groups that can be dictated.
package struct ReporterCode: Sendable {
    /// ASCII digits.
    private let digits: SecretBytes

    package static let digitCount = 30
    private static let randomCount = 28

    /// A new code.
    package init(_ chance: Chance) {
        digits = SecretBytes(capacity: ReporterCode.digitCount) { target in
            var done = 0
            while done < ReporterCode.randomCount {
                chance(64).withBytes { bytes in
                    // 250 is a multiple of ten: no digit comes more often than another.
                    for byte in bytes where byte < 250 && done < ReporterCode.randomCount {
                        target[done] = 0x30 + byte % 10
                        done += 1
                    }
                }
            }
            let check = 98 - ReporterCode.remainder(target[..<done], times: 100)
            target[done] = UInt8(0x30 + check / 10)
            target[done + 1] = UInt8(0x30 + check % 10)
            return ReporterCode.digitCount
        }
    }

    /// The code that somebody types or dictates, with spaces and hyphens anywhere; nil if it is
    /// none, or one digit or two are wrong.
    package init?(_ text: SecretBytes) {
        let digits = text.withBytes { bytes -> SecretBytes? in
            let kept = bytes.filter { $0 != 0x20 && $0 != 0x2D }
            guard kept.count == ReporterCode.digitCount,
                kept.allSatisfy({ 0x30...0x39 ~= $0 })
            else { return nil }
            return SecretBytes(copying: kept)
        }
        guard let digits,
            digits.withBytes({ ReporterCode.remainder($0, times: 1) }) == 1
        else { return nil }
        self.digits = digits
    }

    /// Six groups of five, for the one time that it is shown.
    package var shown: String {
        digits.withBytes { bytes in
            stride(from: 0, to: bytes.count, by: 5)
                .map { String(decoding: bytes[$0..<$0 + 5], as: UTF8.self) }
                .joined(separator: " ")
        }
    }

    /// 32 MiB and about a tenth of a second a guess.
    private static let slow = Scrypt(cost: 1 << 15, blockSize: 8, parallelism: 1)

    /// What stands in the record: the same for the same code and ledger, so that the code alone
    /// finds it; 43 digits of base64url.
    package func tag(origin: String) -> String {
        let salt = SHA256.digest(of: Array("hanqing-code/v1\n\(origin)".utf8)).bytes
        return ReporterCode.slow.derive(digits, salt: salt, count: 32)
            .withBytes { Base64URL.encode(Array($0)) }
    }

    /// ISO/IEC 7064, MOD 97-10.
    private static func remainder(_ digits: some Sequence<UInt8>, times factor: Int) -> Int {
        digits.reduce(0) { ($0 * 10 + Int($1 & 15)) % 97 } * factor % 97
    }
}
