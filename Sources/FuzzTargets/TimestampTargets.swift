import Checkpoints
import Digests

extension FuzzTarget {
    /// What a timestamping authority answers, and what is kept of it.
    static let timestamp = FuzzTarget(
        "timestamp", byteCountMax: 2048,
        dictionary: ["renews sha256:", "ledger.example/audit\n5\n", "20261128214113.273Z"]
    ) { (bytes) throws(Broken) in
        let bytes = Array(bytes)
        let message = StampedMessage(bytes)
        try demand(message == nil || message?.bytes == bytes, "a message has one spelling")
        let query = TimestampQuery(bytes)
        try demand(query == nil || query?.bytes == bytes, "a query has one spelling")
        let token = token(bytes)
        // Nobody has the authority's key, so no time is stated that it did not state.
        try demand(
            token == nil || token?.microseconds == stampedAt, "only what was stamped verifies")
        let isText = message != nil || query != nil
        return isText || token != nil ? .read : .refused
    }

    /// What the reply says to the vectors' second query; nil if it is not valid.
    private static func token(_ reply: [UInt8]) -> TimestampToken? {
        let imprint = "608d00ed3efbc8f51c54f45ec27424864c329e34317127cdfd33e18f95d39962"
        let query = TimestampQuery(Digest(hex: imprint) ?? .zero, random: Array(0x21...0x30))
        return try? TimestampToken(
            reply: reply, answering: query, trusting: .certificates(pem: Array(authority.utf8)),
            at: .stated)
    }

    /// 2026-11-28T21:41:13.273Z.
    private static let stampedAt: Int64 = 1_795_902_073_273_000

    private static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBsTCCAVegAwIBAgIUPsQ/CWzMoCuhGXurYBgxd9QFumwwCgYIKoZIzj0EAwIw
        LTETMBEGA1UECgwKRmljdGl0aW91czEWMBQGA1UEAwwNVmVjdG9yIFRTQSBDQTAg
        Fw0yNjExMjgyMTQwNDVaGA8yMTI2MTEwNDIxNDA0NVowLTETMBEGA1UECgwKRmlj
        dGl0aW91czEWMBQGA1UEAwwNVmVjdG9yIFRTQSBDQTBZMBMGByqGSM49AgEGCCqG
        SM49AwEHA0IABFmbj4CRgtk1h4Cq2MpWyAGvKJ8Kxayi+x4YvG3hxYLu2p1gUjlC
        1Av7zaHiDlew0HzHf9w6ahHkqQhgwskmVX2jUzBRMB0GA1UdDgQWBBQWEmeZimH8
        h7MG0nF/sOgVOo3PuDAfBgNVHSMEGDAWgBQWEmeZimH8h7MG0nF/sOgVOo3PuDAP
        BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQD55Mi/Ed6cP83DT9Pw
        3085KUdOuGXfFmwTX+v/jBYZ3wIgdSpy0FBcXX99/7NBI5qGvTPsg+vn5hFzpPxk
        XJpQ6CI=
        -----END CERTIFICATE-----
        """
}
