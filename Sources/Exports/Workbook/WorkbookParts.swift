/// The parts that a workbook must have beside its sheets: ECMA-376 part 1, section 12.
enum WorkbookParts {
    private static let head = #"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"# + "\n"
    private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    private static let relations =
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    private static let package =
        "http://schemas.openxmlformats.org/package/2006/relationships"

    static let rootRelations =
        head + #"<Relationships xmlns="\#(package)"><Relationship Id="rId1" "#
        + #"Type="\#(relations)/officeDocument" Target="xl/workbook.xml"/></Relationships>"#

    /// Formats: 0 general, 1 text, 2 header.
    static let styles =
        head + #"<styleSheet xmlns="\#(main)"><fonts count="2"><font><sz val="11"/>"#
        + #"<name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font>"#
        + #"</fonts><fills count="2"><fill><patternFill patternType="none"/></fill>"#
        + #"<fill><patternFill patternType="gray125"/></fill></fills>"#
        + #"<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border>"#
        + #"</borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3">"#
        + #"<xf numFmtId="0" xfId="0"/><xf numFmtId="49" applyNumberFormat="1" xfId="0"/>"#
        + #"<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1" xfId="0"/>"#
        + #"</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>"#
        + #"</cellStyles></styleSheet>"#

    static func contentTypes(sheets: Int) -> String {
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        let parts = (1...max(1, sheets)).map {
            #"<Override PartName="/xl/worksheets/sheet\#($0).xml" "#
                + #"ContentType="\#(kind).worksheet+xml"/>"#
        }
        return head
            + #"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#
            + #"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package"#
            + #".relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>"#
            + #"<Override PartName="/xl/workbook.xml" ContentType="\#(kind).sheet.main+xml"/>"#
            + #"<Override PartName="/xl/styles.xml" ContentType="\#(kind).styles+xml"/>"#
            + parts.joined() + "</Types>"
    }

    static func workbook(_ names: [String]) -> String {
        let sheets = names.enumerated().map { place, name in
            #"<sheet name="\#(VisibleText.xml(name))" sheetId="\#(place + 1)" "#
                + #"r:id="rId\#(place + 1)"/>"#
        }
        return head + #"<workbook xmlns="\#(main)" xmlns:r="\#(relations)"><sheets>"#
            + sheets.joined() + "</sheets></workbook>"
    }

    static func workbookRelations(sheets: Int) -> String {
        let parts = (1...max(1, sheets)).map {
            #"<Relationship Id="rId\#($0)" Type="\#(relations)/worksheet" "#
                + #"Target="worksheets/sheet\#($0).xml"/>"#
        }
        return head + #"<Relationships xmlns="\#(package)">"# + parts.joined()
            + #"<Relationship Id="rId\#(sheets + 1)" Type="\#(relations)/styles" "#
            + #"Target="styles.xml"/></Relationships>"#
    }

    /// What stands before a sheet's rows: the first row stays when the others are moved.
    static let sheetHead =
        head + #"<worksheet xmlns="\#(main)"><sheetViews><sheetView workbookViewId="0">"#
        + #"<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>"#
        + #"</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><sheetData>"#

    static let sheetEnd = "</sheetData></worksheet>"
}
