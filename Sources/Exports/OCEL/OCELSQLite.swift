import GRDB
import Phrases
import Records

/// OCEL 2.0 as a SQLite database.
///
/// The file is a draft until it is whole, so it is written without a journal.
final class OCELSQLite: OCELOutput {
    private let path: String
    private let database: DatabaseQueue
    private var tables = OCELTables()
    private var events: [OCELEvent] = []
    private var objects: [OCELObject] = []

    private static let rowsAtOnce = 4_096

    init(_ path: String) throws(ExportError) {
        self.path = path
        do {
            database = try DatabaseQueue(path: path)
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
                try db.execute(sql: OCELTables.schema)
            }
        } catch {
            throw ExportError(en: "\(path): \(error)", zh: "\(path)：\(error)")
        }
    }

    func beginEvents() throws(ExportError) {}
    func beginObjects() throws(ExportError) {}

    func write(_ event: OCELEvent) throws(ExportError) {
        events.append(event)
        if events.count >= OCELSQLite.rowsAtOnce { try flush() }
    }

    func write(_ object: OCELObject) throws(ExportError) {
        objects.append(object)
        if objects.count >= OCELSQLite.rowsAtOnce { try flush() }
    }

    func finish() throws(ExportError) {
        try flush()
        do {
            try database.close()
        } catch {
            throw ExportError(en: "\(path): \(error)", zh: "\(path)：\(error)")
        }
    }

    private func flush() throws(ExportError) {
        let (events, objects) = (events, objects)
        var tables = tables
        do {
            tables = try database.write { db in
                var tables = tables
                for event in events { try tables.insert(event, db) }
                for object in objects { try tables.insert(object, db) }
                return tables
            }
        } catch {
            throw ExportError(en: "\(path): \(error)", zh: "\(path)：\(error)")
        }
        self.tables = tables
        self.events.removeAll(keepingCapacity: true)
        self.objects.removeAll(keepingCapacity: true)
    }
}

/// The tables of each type, made when the type or an attribute of it is first seen.
private struct OCELTables {
    private var events = OCELKind("event")
    private var objects = OCELKind("object")

    /// Section 5.1 of the standard.
    static let schema = """
        CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
        CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
        CREATE TABLE event (
            ocel_id TEXT PRIMARY KEY,
            ocel_type TEXT REFERENCES event_map_type(ocel_type));
        CREATE TABLE object (
            ocel_id TEXT PRIMARY KEY,
            ocel_type TEXT REFERENCES object_map_type(ocel_type));
        CREATE TABLE event_object (
            ocel_event_id TEXT REFERENCES event(ocel_id),
            ocel_object_id TEXT REFERENCES object(ocel_id) DEFERRABLE INITIALLY DEFERRED,
            ocel_qualifier TEXT,
            PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
        CREATE TABLE object_object (
            ocel_source_id TEXT REFERENCES object(ocel_id),
            ocel_target_id TEXT REFERENCES object(ocel_id) DEFERRABLE INITIALLY DEFERRED,
            ocel_qualifier TEXT,
            PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
        """

    mutating func insert(_ event: OCELEvent, _ db: Database) throws {
        let table = try events.table(event.type, event.attributes, db)
        try db.cachedStatement(sql: "INSERT INTO event VALUES (?, ?)")
            .execute(arguments: [event.id, event.type])
        let values = event.attributes.map { ($0.name, $0.value) }
        let fixed = [("ocel_id", event.id), ("ocel_time", event.moment.text)]
        try insert(into: table, fixed + values, db)
        for relation in event.relations {
            try db.cachedStatement(sql: "INSERT INTO event_object VALUES (?, ?, ?)")
                .execute(arguments: [event.id, relation.object, relation.qualifier])
        }
    }

    mutating func insert(_ object: OCELObject, _ db: Database) throws {
        let attributes = object.attributes
        let table = try objects.table(object.type, attributes.map(\.attribute), db)
        try db.cachedStatement(sql: "INSERT INTO object VALUES (?, ?)")
            .execute(arguments: [object.id, object.type])
        let fixed = attributes.filter { $0.since == nil }.map {
            ($0.attribute.name, $0.attribute.value)
        }
        let first = [("ocel_id", object.id), ("ocel_time", OCELJSON.always)]
        try insert(into: table, first + fixed, db)
        for (attribute, since) in attributes {
            guard let since else { continue }
            try insert(
                into: table,
                [
                    ("ocel_id", object.id), ("ocel_time", since.text),
                    ("ocel_changed_field", attribute.name), (attribute.name, attribute.value),
                ], db)
        }
        for relation in object.relations {
            try db.cachedStatement(sql: "INSERT INTO object_object VALUES (?, ?, ?)")
                .execute(arguments: [object.id, relation.object, relation.qualifier])
        }
    }

    private func insert(
        into table: String, _ values: [(name: String, value: String)], _ db: Database
    ) throws {
        let columns = values.map { "\"\($0.name)\"" }.joined(separator: ", ")
        let marks = values.map { _ in "?" }.joined(separator: ", ")
        try db.cachedStatement(sql: "INSERT INTO \(table) (\(columns)) VALUES (\(marks))")
            .execute(arguments: StatementArguments(values.map(\.value)))
    }
}

/// The tables of events or of objects.
private struct OCELKind {
    let kind: String
    private var types = OCELTypes()
    private var tables: [String: String] = [:]
    private var taken: Set<String> = []

    init(_ kind: String) { self.kind = kind }

    /// The table of a type, with a column for each attribute.
    mutating func table(
        _ type: String, _ attributes: [OCELAttribute], _ db: Database
    ) throws -> String {
        let added = types.add(type, attributes)
        let table = tables[type] ?? name(type)
        if tables.updateValue(table, forKey: type) == nil {
            let changed = kind == "object" ? ", ocel_changed_field TEXT" : ""
            try db.execute(
                sql: "CREATE TABLE \(table) (ocel_id TEXT, ocel_time TIMESTAMP\(changed))")
            try db.execute(
                sql: "INSERT INTO \(kind)_map_type VALUES (?, ?)",
                arguments: [type, String(table.dropFirst(kind.count + 1))])
        }
        for attribute in added {
            try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN \"\(attribute.name)\" TEXT")
        }
        return table
    }

    /// Letters and digits of the type; tables differ by more than case.
    private mutating func name(_ type: String) -> String {
        let plain = String(type.filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
        var name = "\(kind)_\(plain)"
        var number = 2
        while !taken.insert(name.lowercased()).inserted {
            name = "\(kind)_\(plain)\(number)"
            number += 1
        }
        return name
    }
}
