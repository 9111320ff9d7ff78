/// Whether two spans hold the same bytes.
///
/// A loop, because the generic comparison is not specialised across modules and every appended
/// event is compared many times.
@inline(__always)
func areSame(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
}

@inline(__always)
func areSame(_ left: UnsafeRawBufferPointer, _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
}

/// Whether `part` stands in `text` at `start`.
@inline(__always)
func holds(_ text: UnsafeRawBufferPointer, _ part: [UInt8], at start: Int) -> Bool {
    guard start >= 0, start + part.count <= text.count else { return false }
    for index in 0..<part.count where text[start + index] != part[index] { return false }
    return true
}
