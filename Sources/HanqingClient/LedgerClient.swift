import CanonicalJSON
import Checkpoints
import Merkle
import Phrases

/// A ledger that is served over HTTP: Specs/client.md.
///
/// It may be used by many tasks at once. When it is not needed any more, ``shutdown()`` closes its
/// connections.
public struct LedgerClient: Sendable {
    /// How the client behaves.
    public struct Options: Sendable {
        /// The bearer token; nil for a service without tokens.
        ///
        /// It is sent as it is: over anything but loopback the address must be `https`.
        public var token: String?
        /// Whom the client trusts, and what it shows, where the address is `https`.
        public var tls = TLSOptions()
        /// In which language problems are told.
        public var language = Language.english
        /// For how long an event is sent again; afterwards the producer has to.
        public var patience = Duration.seconds(300)
        /// For how long the service may say nothing before a connection counts as broken.
        ///
        /// It marks streams every 15 s.
        public var silence = Duration.seconds(60)
        /// Connections that are open at most; what follows needs one for itself.
        public var connectionCountMax = 64
        /// If given, every receipt is checked before the caller gets it.
        public var verifier: ReceiptVerifier?

        /// As a service needs them that has one token and no special wishes.
        public init() {}
    }

    /// In which problems are told.
    public enum Language: String, Sendable {
        case english = "en"
        case chinese = "zh"
    }

    /// How much of a receipt is asked for.
    public enum ReceiptForm: Sendable {
        /// With proof and checkpoint.
        case full
        /// Without: it says where the record is, and proves nothing.
        case brief
    }

    /// What would become of an event.
    public struct Prospect: Hashable, Sendable {
        /// `<procedure>/<case id>`.
        public let stream: String
        /// The revision it would have, or has.
        public let revision: UInt64
        /// It is recorded already.
        public let isRepeat: Bool
    }

    let sender: Sender
    private let options: Options

    /// A client of the service at an address such as `https://ledger.example` or
    /// `http://127.0.0.1:8610`; it connects when something is asked.
    public init(_ address: String, options: Options = Options()) throws(ClientError) {
        guard ["http://", "https://"].contains(where: { address.hasPrefix($0) }),
            address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !address.contains("?")
        else {
            throw ClientError.misused(
                Phrase(
                    en: "\(address): an address begins with https:// or http://",
                    zh: "\(address)：地址应以 https:// 或 http:// 开头"))
        }
        guard options.token == nil || LedgerClient.keepsSecrets(address) else {
            throw ClientError.misused(
                Phrase(
                    en: "\(address): a token goes over https, or to this machine alone",
                    zh: "\(address)：令牌只能经 https 发送，或仅发往本机"))
        }
        let base = address.hasSuffix("/") ? String(address.dropLast()) : address
        let transport = HTTPTransport(
            base: base, silence: options.silence,
            connectionCountMax: options.connectionCountMax,
            tls: try options.tls.configuration())
        self.init(transport, options)
    }

    /// Whether nobody on the way reads what is sent there.
    private static func keepsSecrets(_ address: String) -> Bool {
        guard address.hasPrefix("http://") else { return true }
        let authority = address.dropFirst("http://".count).prefix { $0 != "/" }
        // What stands before an @ is no host.
        guard !authority.contains("@") else { return false }
        let host =
            authority.hasPrefix("[")
            ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return ["127.0.0.1", "localhost", "[::1"].contains(host)
    }

    /// With another way to the service, another clock and another chance than the system's.
    package init(
        _ transport: any Transport, _ options: Options, clock: (any ClientClock)? = nil,
        chance: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.options = options
        sender = Sender(transport: transport, clock: clock ?? SteadyClock(), chance: chance)
    }

    /// Closes all connections; what is under way fails.
    public func shutdown() async { await sender.transport.shutdown() }

    // MARK: - Appending

    /// Records an event, once; its receipt when it is durable.
    public func append(
        _ event: Event, receipt form: ReceiptForm = .full
    ) async throws(ClientError) -> Receipt {
        let answered = try await post(
            "/v1/events", event.json, "application/cloudevents+json", form)
        return try receipts(answered, [event], form)[0]
    }

    /// Records all of the events or none, each once; their receipts in order.
    public func append(
        batch events: [Event], receipts form: ReceiptForm = .full
    ) async throws(ClientError) -> [Receipt] {
        guard !events.isEmpty else { return [] }
        let answered = try await post(
            "/v1/events", LedgerClient.batch(events), LedgerClient.batchType, form)
        return try receipts(answered, events, form)
    }

    /// What would become of the events if they were appended together now; nothing is recorded.
    ///
    /// Throws ``ClientError/Kind/refused(_:)`` with the reasons if they would be refused.
    public func check(_ events: [Event]) async throws(ClientError) -> [Prospect] {
        guard !events.isEmpty else { return [] }
        var answered: Sender.Answered
        do throws(ClientError) {
            answered = try await post(
                "/v1/events/check", LedgerClient.batch(events), LedgerClient.batchType, .full)
        } catch {
            var error = error
            // Checking records nothing.
            error.mayBeRecorded = false
            throw error
        }
        let list = (try? JSONValue(parsing: answered.body))?["events"]?.array ?? []
        let prospects = list.compactMap { Prospect($0) }
        guard prospects.count == events.count else { throw LedgerClient.otherAnswer }
        return prospects
    }

    private static let batchType = "application/cloudevents-batch+json"

    private static func batch(_ events: [Event]) -> [UInt8] {
        var bytes = [UInt8(ascii: "[")]
        for (place, event) in events.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += event.json
        }
        return bytes + [UInt8(ascii: "]")]
    }

    private func post(
        _ target: String, _ body: [UInt8], _ mediaType: String, _ form: ReceiptForm
    ) async throws(ClientError) -> Sender.Answered {
        var more = [(name: "Content-Type", value: mediaType)]
        if form == .brief { more.append((name: "Prefer", value: "receipts=brief")) }
        return try await sender.send(
            ServiceRequest(.post, target, headers(more), body: body), patience: options.patience)
    }

    /// The receipts in an answer, if they are those of the events and prove.
    private func receipts(
        _ answered: Sender.Answered, _ events: [Event], _ form: ReceiptForm
    ) throws(ClientError) -> [Receipt] {
        do throws(ClientError) {
            guard let value = try? JSONValue(parsing: answered.body) else {
                throw LedgerClient.otherAnswer
            }
            let receipts = (value.array ?? [value]).compactMap { Receipt($0) }
            guard receipts.count == events.count,
                zip(receipts, events).allSatisfy({ $0.source == $1.source && $0.id == $1.id })
            else { throw LedgerClient.otherAnswer }
            if form == .full, let verifier = options.verifier {
                for receipt in receipts { try verifier.verify(receipt) }
            }
            return receipts
        } catch {
            var error = error
            error.mayBeRecorded = true
            throw error
        }
    }

    private static let otherAnswer = ClientError.unreadable(
        Phrase(
            en: "the answer is none that the service gives", zh: "应答不符合服务接口的约定"))

    // MARK: - Reading

    /// The record with this number.
    public func record(_ sequence: UInt64) async throws(ClientError) -> Record {
        let answered = try await get("/v1/events/\(sequence)")
        guard let record = Record(answered.body), record.sequence == sequence else {
            throw LedgerClient.otherAnswer
        }
        return record
    }

    /// How many records the newest checkpoint covers: what can be read.
    public func size() async throws(ClientError) -> UInt64 {
        let note = try await get("/checkpoint").body
        guard let note = try? SignedNote(note), let checkpoint = try? Checkpoint(text: note.text)
        else { throw LedgerClient.otherAnswer }
        return checkpoint.size.rawValue
    }

    /// The records that are there when this is asked, from the number `start` on.
    public func records(
        _ selection: Selection = Selection(), from start: UInt64 = 0
    ) -> RecordSequence {
        RecordSequence(
            sequence(.list, selection, .record(start)), patience: options.patience)
    }

    /// Records as they are recorded, from `start` on; it does not end by itself.
    public func follow(
        _ selection: Selection = Selection(), from start: RecordSequence.Start = .head
    ) -> RecordSequence {
        RecordSequence(sequence(.stream, selection, start), patience: nil)
    }

    private func sequence(
        _ form: RecordSequence.Form, _ selection: Selection, _ start: RecordSequence.Start
    ) -> RecordSequence.Plan {
        RecordSequence.Plan(
            client: self, form: form, selection: selection, start: start, headers: headers([]))
    }

    private func get(_ target: String) async throws(ClientError) -> Sender.Answered {
        try await sender.send(
            ServiceRequest(.get, target, headers([])), patience: options.patience)
    }

    private func headers(
        _ more: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        var headers = [(name: "Accept-Language", value: options.language.rawValue)]
        if let token = options.token {
            headers.append((name: "Authorization", value: "Bearer \(token)"))
        }
        return headers + more
    }
}

extension LedgerClient.Prospect {
    fileprivate init?(_ value: JSONValue) {
        guard let stream = value["stream"]?.string,
            let revision = value["revision"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let isRepeat = value["repeat"]?.bool
        else { return nil }
        (self.stream, self.revision, self.isRepeat) = (stream, revision, isRepeat)
    }
}
