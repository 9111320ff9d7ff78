import Digests

/// The bytes that hexadecimal text spells; a test with a typing error in it stops here.
func hex(_ text: String) -> [UInt8] {
    guard let bytes = Hex.decode(text) else { preconditionFailure("not hexadecimal: \(text)") }
    return bytes
}
