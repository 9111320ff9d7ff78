import Checkpoints
import Digests
import Foundation
import Merkle
import Testing

/// Timestamps by `Specs/vectors/timestamp`, which `openssl ts` made.
@Suite struct TimestampTests {
    private let sample: Sample
    private let first: KeptTimestamp
    private let second: KeptTimestamp

    init() throws {
        sample = try Sample()
        (first, second) = (try TimestampTests.read(1), try TimestampTests.read(2))
    }

    private static func read(_ number: UInt64) throws -> KeptTimestamp {
        var files: [String: [UInt8]] = [:]
        for (name, _) in KeptTimestamp.fileLimits {
            files[name] = try bytes("timestamp/\(KeptTimestamp.folder(number))/\(name)")
        }
        return KeptTimestamp(number: number, files: files)
    }

    private func verify(_ kept: KeptTimestamp) throws(TimestampError) -> VerifiedTimestamp {
        try VerifiedTimestamp(verifying: kept, of: sample.origin, by: [sample.logKey])
    }

    /// The same with one file changed.
    private func with(
        _ kept: KeptTimestamp, _ name: String, _ change: (inout [UInt8]) -> Void
    ) -> KeptTimestamp {
        var files = Dictionary(uniqueKeysWithValues: kept.files.map { ($0.name, $0.bytes) })
        change(&files[name, default: []])
        return KeptTimestamp(number: kept.number, files: files)
    }

    @Test func `the vectors are valid, and say what openssl says of them`() throws {
        let stamped = try verify(first)
        #expect(stamped.checkpoint.checkpoint == sample.checkpoint)
        #expect(stamped.renews == nil)
        #expect(stamped.token.signer == "CN=Vector TSA,O=Fictitious")
        #expect(stamped.token.policy == "1.2.3.4.1")
        #expect(stamped.token.serial == [2])
        #expect(stamped.token.accuracyMicroseconds == 1_500_000)
        #expect(stamped.token.certificateEnd == 4_906_302_045)
        let renewing = try verify(second)
        #expect(renewing.renews == first.digest)
        // Nov 28 21:41:13.273 2026 GMT.
        #expect(renewing.token.microseconds == 1_795_902_073_273_000)
    }

    @Test func `a message and a query have one spelling`() throws {
        for kept in [first, second] {
            #expect(StampedMessage(kept.message)?.bytes == kept.message)
            #expect(TimestampQuery(kept.query)?.bytes == kept.query)
        }
        for wrong in ["", "a\n1\n", "renews sha256:00\n"] {
            #expect(StampedMessage(Array(wrong.utf8)) == nil)
        }
        #expect(StampedMessage(second.message + [0x0A]) == nil)
        for place in second.query.indices where ![25, 50, 60].contains(place) {
            var query = second.query
            query[place] ^= 0x80
            guard let read = TimestampQuery(query) else { continue }
            #expect(read.bytes == query)
        }
        let zero = TimestampQuery(.zero, random: [UInt8](repeating: 0, count: 16))
        #expect(zero.nonce[0] == 1)
        #expect(TimestampQuery(.zero, random: [UInt8](repeating: 0xFF, count: 16)).nonce[0] == 0x7F)
    }

    @Test func `no byte that is changed gives another time`() throws {
        let time = try verify(first).token.microseconds
        for name in ["note", "message", "query.tsq", "reply.tsr", "ca.pem"] {
            let count = first.files.first { $0.name == name }?.bytes.count ?? 0
            for place in 0..<count {
                let changed = with(first, name) { $0[place] ^= 1 }
                guard let found = try? verify(changed) else { continue }
                #expect(["reply.tsr", "ca.pem", "note"].contains(name), "\(name) \(place)")
                #expect(found.token.microseconds == time, "\(name) \(place)")
            }
        }
    }

    @Test func `each refusal has its reason`() throws {
        func refusal(_ kept: KeptTimestamp) -> TimestampError? {
            do throws(TimestampError) {
                _ = try verify(kept)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal(with(first, "message") { $0 = [] }) == .badMessage)
        #expect(refusal(with(first, "query.tsq") { $0 = second.query }) == .otherQuery)
        #expect(
            refusal(with(first, "reply.tsr") { $0.append(0) })
                == .token(.unreadable, isOfSystem: false))
        #expect(
            refusal(with(first, "ca.pem") { $0 = [] })
                == .token(.noCertificate, isOfSystem: false))
        let replayed = refusal(with(first, "reply.tsr") { $0 = second.reply })
        guard case .token(.invalid, isOfSystem: false) = replayed else {
            Issue.record("\(String(describing: replayed))")
            return
        }
        let unknown = KeptTimestamp(
            number: 1, note: first.note, message: first.message, query: first.query,
            reply: first.reply, authorities: nil)
        #expect(refusal(unknown)?.isUntrusted == true)
        #expect(throws: TimestampError.self, "not valid yet in 1970") {
            try VerifiedTimestamp(
                verifying: first, of: sample.origin, by: [sample.logKey], at: .at(0))
        }
    }

    private func chain(_ all: [KeptTimestamp]) -> TimestampChain {
        var chain = TimestampChain()
        for kept in all {
            chain.add(kept, of: sample.origin, by: [sample.logKey], trusting: nil)
        }
        return chain
    }

    @Test func `a chain misses what was taken away, and takes nothing out of order`() throws {
        let whole = chain([first, second])
        #expect(whole.valid.map(\.number) == [1, 2])
        #expect(whole.refused.isEmpty && whole.missing.isEmpty)
        #expect(chain([second]).missing == [1])
        func renamed(_ kept: KeptTimestamp, _ number: UInt64) -> KeptTimestamp {
            KeptTimestamp(
                number: number,
                files: Dictionary(uniqueKeysWithValues: kept.files.map { ($0.name, $0.bytes) }))
        }
        for wrong in [[renamed(second, 1)], [first, renamed(first, 2)]] {
            #expect(chain(wrong).refused.map(\.error) == [.otherReply])
        }
    }

    @Test func `a timestamp is in force until its certificate ends, or while a newer one is`() {
        let whole = chain([first, second])
        let end: Int64 = 4_906_302_045
        #expect(whole.inForce(at: end) == [1, 2])
        #expect(whole.inForce(at: end + 1) == [])
        #expect(!whole.isRenewalDue(at: end - TimestampChain.renewalSeconds))
        #expect(whole.isRenewalDue(at: end - TimestampChain.renewalSeconds + 1))
        #expect(!chain([]).isRenewalDue(at: end))
    }
}
