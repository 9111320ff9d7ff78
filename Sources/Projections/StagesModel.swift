import Catalogue
import Rules

/// The stage that a case has come to by all that is known of it: Specs/projections.md section 4.
///
/// A row begins with the record that brought the case there and ends with the one that took it
/// away, however many come between; so it is found without a walk who was where as of a record.
///
/// Those that have left a stage are found by groups of neighbouring numbers, and in each by when
/// they left: a group that all had left by then is passed over at once.
package struct StagesModel: ReadModel {
    package let name = "stages"
    package let version = 1
    package let columns: [ModelColumn]
    /// So many bits of a case's number do not tell the group that it belongs to.
    let groupBits: Int64

    package init(groupBits: Int64 = 12) {
        self.groupBits = groupBits
        columns = [
            ModelColumn("procedure", .text),
            ModelColumn(
                "stage", .text, isKey: true, with: "procedure, stream",
                ofPast: "procedure, \(StagesModel.group(groupBits))"),
        ]
    }

    /// The group of a row's case, as SQL; an index is used where its words are.
    var group: String { StagesModel.group(groupBits) }

    private static func group(_ bits: Int64) -> String { "stream >> \(bits)" }

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        let history = prefix.history
        let stage = history.line.lazy.reversed()
            .compactMap { prefix.types[history.entries[$0].sequence]?.stage }.first
        return stage.map { [row($0, history)] } ?? []
    }

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        let newest = prefix.history.entries.last
        guard let stage = newest.flatMap({ prefix.types[$0.sequence]?.stage }) else {
            return .none(standing)
        }
        return RowChange(kept: 0, new: [row(stage, prefix.history)])
    }

    private func row(_ stage: String, _ history: CaseHistory) -> ModelRow {
        ModelRow(begins: 0, [.text(String(history.procedure)), .text(stage)])
    }
}
