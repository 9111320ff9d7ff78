package import Phrases

/// Where wrapped keys lie, and what they belong to: Specs/sealing.md section 4.
///
/// The contract suite in TestKit holds every vault to what is written here. Whatever returns is
/// durable; whatever throws has changed nothing, unless it says so.
package protocol KeyVault: Sendable {
    /// In the order in which they joined.
    func holders() async throws(VaultError) -> [Holder]

    /// `.conflict` if the key or the name is there already.
    func add(_ holder: Holder) async throws(VaultError)

    /// No key is wrapped to him from now on; `.notFound` if there is none.
    func retire(_ holder: HolderID) async throws(VaultError)

    /// Keeps wrapped keys of new handles, which belong to nobody yet.
    ///
    /// `.conflict` if a handle is known, `.notFound` if a holder is not.
    func keep(_ keys: [WrappedKey]) async throws(VaultError)

    /// Links handles to their subjects, all or none; `.conflict` if one is not unassigned.
    func assign(_ links: [SubjectLink]) async throws(VaultError)

    /// Destroys the keys of handles that belong to nobody; `.conflict` if one does.
    func discard(_ handles: [KeyHandle]) async throws(VaultError)

    func state(of handle: KeyHandle) async throws(VaultError) -> HandleState

    /// Nil if there is none for him; `.damaged` if it is not what was kept.
    func wrappedKey(
        of handle: KeyHandle, for holder: HolderID
    ) async throws(VaultError) -> WrappedKey?

    /// Handles that belong to somebody and have a key wrapped to this holder, at most `limit`, in
    /// no order.
    func handles(
        wrappedTo holder: HolderID, limit: Int
    ) async throws(VaultError) -> [KeyHandle]

    /// Puts keys wrapped to another holder in the place of those wrapped to `old`, which are
    /// destroyed.
    ///
    /// `.conflict` unless each handle belongs to somebody and has a key wrapped to `old`;
    /// `.notFound` if the other holder is not known. After any other error some may have both: the
    /// same call goes on.
    func replace(_ keys: [WrappedKey], of old: HolderID) async throws(VaultError)

    /// In no order; none if the subject is not known.
    func handles(of subject: String) async throws(VaultError) -> [KeyHandle]

    /// Keeps a subject from being shredded; `.conflict` if there is a hold with this id.
    func place(_ hold: Hold) async throws(VaultError)

    /// `.notFound` if there is no such hold.
    func release(holdWith id: String) async throws(VaultError)

    func holds(on subject: String) async throws(VaultError) -> [Hold]

    /// Destroys all keys of a subject for good, and gives how many handles there were.
    ///
    /// `.held` while a hold stands, `.notFound` if the subject is not known. After any other error
    /// it has begun, and is completed when the vault is opened.
    func shred(_ subject: String, on day: String) async throws(VaultError) -> Int

    func counts() async throws(VaultError) -> VaultCounts
}

/// A handle and whom its values are about.
package struct SubjectLink: Hashable, Sendable {
    package let handle: KeyHandle
    /// A pseudonym or a stream, 1 to 255 bytes.
    package let subject: String

    package static let subjectByteCountMax = 255

    package init(_ handle: KeyHandle, to subject: String) {
        (self.handle, self.subject) = (handle, subject)
    }

    /// Throws unless the subject is a name.
    package func check() throws(VaultError) {
        guard 1...SubjectLink.subjectByteCountMax ~= subject.utf8.count else {
            throw .badText(subject, max: SubjectLink.subjectByteCountMax)
        }
    }
}

package enum HandleState: Hashable, Sendable {
    /// Lost, or never there.
    case unknown
    case unassigned
    case assigned
    /// On this day, `YYYY-MM-DD`.
    case shredded(String)
}

/// Why a subject may not be shredded.
package struct Hold: Hashable, Sendable {
    package let id: String
    package let subject: String
    package let reason: String
    /// `YYYY-MM-DD`.
    package let placed: String

    package init(id: String, subject: String, reason: String, placed: String) {
        (self.id, self.subject) = (id, subject)
        (self.reason, self.placed) = (reason, placed)
    }
}

package struct VaultCounts: Hashable, Sendable {
    package var holders = 0
    package var subjects = 0
    package var assigned = 0
    package var unassigned = 0
    package var shredded = 0
    package var holds = 0

    package init() {}
}

/// Why a vault could not answer.
package struct VaultError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case conflict
        case notFound = "not-found"
        /// A hold stands.
        case held
        /// Another process has the vault open.
        case locked
        /// Others than its owner may read or write it.
        case exposed
        /// The disk or the system refused.
        case unavailable
        /// What is stored is not what was kept.
        case damaged
        case newerFormat = "newer-format"
    }

    package let code: Code
    package let reason: Phrase

    package init(_ code: Code, _ reason: Phrase) {
        (self.code, self.reason) = (code, reason)
    }

    package init(_ code: Code, en: String, zh: String) {
        self.init(code, Phrase(en: en, zh: zh))
    }

    package var description: String { "\(code.rawValue): \(reason.en)" }
}

extension VaultError {
    package static func unknownHolder(_ id: HolderID) -> VaultError {
        VaultError(.notFound, en: "there is no holder \(id)", zh: "没有保管人 \(id)")
    }

    package static func holderKnown(_ holder: Holder) -> VaultError {
        VaultError(
            .conflict, en: "there is a holder \(holder.name), or one with this key",
            zh: "已有保管人 \(holder.name)，或已有使用该公钥的保管人")
    }

    package static func handleKnown(_ handle: KeyHandle) -> VaultError {
        VaultError(
            .conflict, en: "there is a key with the handle \(handle)", zh: "句柄 \(handle) 已有密钥")
    }

    package static func notUnassigned(_ handle: KeyHandle) -> VaultError {
        VaultError(
            .conflict, en: "\(handle) is no handle that belongs to nobody",
            zh: "\(handle) 不是未分配的句柄")
    }

    package static func notWrapped(_ handle: KeyHandle, to holder: HolderID) -> VaultError {
        VaultError(
            .conflict, en: "no key of \(handle) is wrapped to \(holder)",
            zh: "句柄 \(handle) 没有封装给 \(holder) 的密钥")
    }

    package static func unknownSubject(_ subject: String) -> VaultError {
        VaultError(
            .notFound, en: "the vault has no keys of \(subject)", zh: "密钥库中没有 \(subject) 的密钥")
    }

    package static func held(_ subject: String, _ holds: [Hold]) -> VaultError {
        let (en, zh) = (
            holds.map { "\($0.id) (\($0.reason), since \($0.placed))" },
            holds.map { "\($0.id)（\($0.reason)，自 \($0.placed) 起）" }
        )
        return VaultError(
            .held, en: "\(subject) may not be shredded: held by \(en.joined(separator: ", "))",
            zh: "不得销毁 \(subject) 的密钥：已被保全 \(zh.joined(separator: "、"))")
    }

    package static func holdKnown(_ id: String) -> VaultError {
        VaultError(.conflict, en: "there is a hold \(id)", zh: "已有保全 \(id)")
    }

    package static func unknownHold(_ id: String) -> VaultError {
        VaultError(.notFound, en: "there is no hold \(id)", zh: "没有保全 \(id)")
    }

    package static func badText(_ text: String, max: Int) -> VaultError {
        VaultError(
            .conflict, en: "a name has 1 to \(max) bytes: \(text.prefix(40))",
            zh: "名称须为 1 至 \(max) 字节：\(text.prefix(40))")
    }
}
