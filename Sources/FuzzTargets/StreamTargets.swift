import RecordStreams

extension FuzzTarget {
    /// What a client reads from the service; the first byte says how it is cut.
    static let stream = FuzzTarget(
        "stream", byteCountMax: 512,
        dictionary: ["id: ", "data: ", "event: record\n", "\r\n", "\n\n"]
    ) { (bytes) throws(Broken) in
        guard let first = bytes.first else { return .refused }
        let body = Array(bytes.dropFirst())
        let lines = try judge(LineParser(), body, pieceSize: Int(first % 16) + 1)
        let events = try judge(EventStreamParser(), body, pieceSize: Int(first % 16) + 1)
        return lines || events ? .read : .refused
    }

    private static func judge(
        _ parser: some RecordParser, _ body: [UInt8], pieceSize: Int
    ) throws(Broken) -> Bool {
        let whole = passages(parser, [body])
        let pieces = stride(from: 0, to: body.count, by: pieceSize).map {
            Array(body[$0..<min($0 + pieceSize, body.count)])
        }
        try demand(passages(parser, pieces) == whole, "how a body is cut changes nothing")
        let byteCount = (whole ?? []).reduce(0) { sum, passage in
            if case .record(let bytes) = passage { sum + bytes.count } else { sum }
        }
        try demand(byteCount <= body.count, "no more is read than was sent")
        return whole?.isEmpty == false
    }

    /// Nil if the body is refused.
    private static func passages(
        _ parser: some RecordParser, _ pieces: [[UInt8]]
    ) -> [Passage]? {
        var parser = parser
        var passages: [Passage] = []
        do throws(UnreadableBody) {
            for piece in pieces { passages += try parser.take(piece) }
        } catch {
            return nil
        }
        return passages
    }
}
