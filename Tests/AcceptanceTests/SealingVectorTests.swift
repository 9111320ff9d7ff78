import CanonicalJSON
import Testing

/// Boxes, wrapped keys, files and codes, computed again by PyPI's `cryptography`.
@Suite struct SealingVectorTests {
    @Test func `the vectors of sealing are what others compute`() throws {
        let counts = try Outside.python("../../Specs/vectors/sealing.py", ["check"])
        #expect(
            counts == ["boxes": 14, "refused": 38, "wraps": 3, "files": 6, "codes": 3])
    }
}
