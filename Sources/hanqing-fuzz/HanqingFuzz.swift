import CFuzzer
import FuzzTargets
import Glibc

/// Runs libFuzzer over one target: `hanqing-fuzz TARGET [libFuzzer's arguments and folders]`.
///
/// `--list` names the targets with their longest input; `--words TARGET` prints a dictionary.
@main
enum HanqingFuzz {
    /// Chosen by the first argument, or by the environment.
    ///
    /// libFuzzer starts this program again with its own arguments alone, and its function takes no
    /// context.
    private static let target: FuzzTarget? = {
        let name = getenv(variable).map { String(cString: $0) }
        return FuzzTarget.all.first { $0.name == CommandLine.arguments.dropFirst().first ?? name }
            ?? FuzzTarget.all.first { $0.name == name }
    }()

    private static let variable = "HANQING_FUZZ_TARGET"

    static func main() {
        let arguments = CommandLine.arguments
        if arguments.dropFirst().first == "--list" {
            for target in FuzzTarget.all { print(target.name, target.byteCountMax) }
        } else if arguments.count == 3, arguments[1] == "--words" {
            for line in dictionary(arguments[2]) { print(line) }
        } else if let target {
            setenv(variable, target.name, 1)
            exit(drive(arguments.filter { $0 != target.name }))
        } else {
            print("usage: hanqing-fuzz --list | --words TARGET | TARGET [libFuzzer's arguments]")
            exit(64)
        }
    }

    private static func drive(_ arguments: [String]) -> Int32 {
        // libFuzzer keeps the addresses, so neither the array nor the texts are ever freed.
        let words = arguments.map { strdup($0) }
        let list = UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>
            .allocate(capacity: words.count + 1)
        _ = list.initialize(from: words + [nil])
        var count = Int32(words.count)
        var base = list.baseAddress
        return LLVMFuzzerRunDriver(&count, &base) { bytes, count in
            HanqingFuzz.read(UnsafeRawBufferPointer(start: bytes, count: count))
        }
    }

    private static func read(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        do throws(Broken) {
            _ = try target?.run(bytes)
            return 0
        } catch {
            print("\(error)")
            fflush(nil)
            abort()
        }
    }

    /// libFuzzer's form: quoted, with what is not visible ASCII as `\xAB`.
    private static func dictionary(_ name: String) -> [String] {
        let words = FuzzTarget.all.first { $0.name == name }?.dictionary ?? []
        return words.map { word in
            let text = word.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
                case 0x20..<0x7F: String(UnicodeScalar(byte))
                default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
                }
            }
            return "\"\(text.joined())\""
        }
    }
}
