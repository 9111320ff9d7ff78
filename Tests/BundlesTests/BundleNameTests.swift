import Bundles
import Testing

@Suite struct BundleNameTests {
    private static let digest = String(repeating: "ab", count: 32)

    @Test(arguments: [
        "SHA256SUMS", "checkpoint", "cosigned/note", "index.html", "key.pem", "key.txt",
        "subject.json", "verify.py", "records/000000000017.json", "proofs/000000000017.tlog-proof",
        "cosigned/proofs/000000000017.tlog-proof", "timestamps/000001/reply.tsr",
        "timestamps/000001/proofs/000000000017.tlog-proof", "attachments/\(digest)",
        "catalogue/\(digest).json",
    ])
    func `a name that a bundle has is read and written`(name: String) {
        #expect(BundleName(path: "bundle/" + name)?.path == "bundle/" + name)
        #expect(BundleName(path: name) == nil)
    }

    @Test(arguments: [
        "", "other", "records/17.json", "records/000000000017", "records/x.json", "proofs",
        "timestamps/1/note", "timestamps/000000/note", "timestamps/000001/other",
        "attachments/AB", "catalogue/\(digest)", "cosigned/proofs/1/2", "SHA256SUMS/x",
        "timestamps/000001/x/000000000017.tlog-proof",
    ])
    func `no other is`(name: String) {
        #expect(BundleName(path: "bundle/" + name) == nil)
    }
}
