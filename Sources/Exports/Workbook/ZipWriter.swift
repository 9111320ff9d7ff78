/// A ZIP archive written from front to back: PKWARE's APPNOTE, sections 4.3 and 4.4.
///
/// Sizes stand behind each entry, in a data descriptor, and in the directory at the end.
final class ZipWriter {
    private struct Entry {
        let name: [UInt8]
        let offset: UInt64
        var checksum: UInt32 = 0
        var packed: UInt64 = 0
        var size: UInt64 = 0
    }

    private let sink: any ByteSink
    private var entries: [Entry] = []
    private var offset: UInt64 = 0
    private var deflater: Deflater?

    /// Every entry has this time: equal contents make equal files.
    private static let date: UInt32 = 0x0021_0000
    /// Sizes follow; names are UTF-8.
    private static let flags: UInt32 = 0x0808
    private static let version: UInt32 = 20
    private static let deflated: UInt32 = 8

    init(_ sink: any ByteSink) { self.sink = sink }

    func begin(_ name: String) throws(ExportError) {
        let entry = Entry(name: Array(name.utf8), offset: offset)
        entries.append(entry)
        deflater = try Deflater()
        var header: [UInt8] = []
        header.put(0x0403_4b50, 4)
        header.put(ZipWriter.version, 2)
        header.put(ZipWriter.flags, 2)
        header.put(ZipWriter.deflated, 2)
        header.put(ZipWriter.date, 4)
        header += [UInt8](repeating: 0, count: 12)
        header.put(UInt32(entry.name.count), 2)
        header.put(0, 2)
        try write(header + entry.name)
    }

    func write(text: String) throws(ExportError) {
        try pack(Array(text.utf8), isLast: false)
    }

    func end() throws(ExportError) {
        try pack([], isLast: true)
        guard let deflater, var entry = entries.popLast() else { return }
        (entry.checksum, entry.size) = (deflater.checksum, deflater.byteCount)
        guard entry.size <= UInt32.max, offset <= UInt32.max else {
            throw ExportError(
                en: "more than 4 GiB do not fit into a workbook: export fewer cases, or CSV",
                zh: "工作簿不能超过 4 GiB：请减少导出的案件，或导出 CSV")
        }
        var descriptor: [UInt8] = []
        descriptor.put(0x0807_4b50, 4)
        descriptor += sizes(entry)
        entries.append(entry)
        self.deflater = nil
        try write(descriptor)
    }

    /// Writes the directory.
    func finish() throws(ExportError) {
        let start = offset
        for entry in entries {
            var header: [UInt8] = []
            header.put(0x0201_4b50, 4)
            header.put(ZipWriter.version, 2)
            header.put(ZipWriter.version, 2)
            header.put(ZipWriter.flags, 2)
            header.put(ZipWriter.deflated, 2)
            header.put(ZipWriter.date, 4)
            header += sizes(entry)
            header.put(UInt32(entry.name.count), 2)
            header += [UInt8](repeating: 0, count: 12)
            header.put(UInt32(truncatingIfNeeded: entry.offset), 4)
            try write(header + entry.name)
        }
        var trailer: [UInt8] = []
        trailer.put(0x0605_4b50, 4)
        trailer.put(0, 4)
        trailer.put(UInt32(entries.count), 2)
        trailer.put(UInt32(entries.count), 2)
        trailer.put(UInt32(truncatingIfNeeded: offset - start), 4)
        trailer.put(UInt32(truncatingIfNeeded: start), 4)
        trailer.put(0, 2)
        try write(trailer)
    }

    private func sizes(_ entry: Entry) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.put(entry.checksum, 4)
        bytes.put(UInt32(truncatingIfNeeded: entry.packed), 4)
        bytes.put(UInt32(truncatingIfNeeded: entry.size), 4)
        return bytes
    }

    private func pack(_ bytes: [UInt8], isLast: Bool) throws(ExportError) {
        guard let deflater else { return }
        let packed = deflater.pack(bytes, isLast: isLast)
        entries[entries.count - 1].packed += UInt64(packed.count)
        try write(packed)
    }

    private func write(_ bytes: [UInt8]) throws(ExportError) {
        offset += UInt64(bytes.count)
        try sink.write(bytes)
    }
}

extension [UInt8] {
    /// Appends so many bytes, the lowest first.
    fileprivate mutating func put(_ value: UInt32, _ count: Int) {
        for place in 0..<count { append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(place)))) }
    }
}
