/// How reports look, on a screen and on A4 paper.
enum Stylesheet {
    static let text: Markup = """
        @page { size: A4; margin: 18mm 16mm 20mm; }
        :root { color-scheme: light; --ink: #1c2430; --soft: #5b6675; --line: #d9dee5;
          --wash: #f5f7f9; --blue: #1f5a96; --red: #b3261e; --green: #20724a; --amber: #8a5a00; }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 28px 32px 48px; max-width: 1080px; color: var(--ink);
          background: #fff; font: 14px/1.65 "Noto Sans CJK SC", "Noto Sans SC",
          "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei",
          "SimSun", system-ui, sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 24px; line-height: 1.35; margin: 0 0 4px; }
        h2 { font-size: 17px; margin: 32px 0 10px; padding-bottom: 5px;
          border-bottom: 2px solid var(--blue); break-after: avoid; }
        h3 { font-size: 14px; margin: 0; display: inline; }
        a { color: var(--blue); text-decoration: none; }
        a:hover { text-decoration: underline; }
        .sub { color: var(--soft); margin: 0 0 18px; }
        nav { margin: 0 0 22px; padding: 0 0 10px; border-bottom: 1px solid var(--line); }
        nav a { margin-right: 20px; } nav .here { font-weight: 700; color: var(--ink); }
        table { width: 100%; border-collapse: collapse; margin: 0 0 10px; font-size: 13px; }
        th { text-align: left; color: var(--soft); font-weight: 600; white-space: nowrap;
          border-bottom: 1px solid var(--soft); padding: 4px 10px 4px 0; }
        td { vertical-align: top; border-bottom: 1px solid var(--line);
          padding: 5px 10px 5px 0; }
        .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        tr { break-inside: avoid; } thead { display: table-header-group; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 0; }
        dt { color: var(--soft); } dd { margin: 0; }
        .nowrap { white-space: nowrap; } .soft { color: var(--soft); }
        .mono { font-family: "Noto Sans Mono", "DejaVu Sans Mono", Consolas, monospace;
          font-size: 12px; }
        .badge { display: inline-block; padding: 0 7px; border-radius: 3px; font-size: 12px;
          line-height: 1.6; white-space: nowrap; border: 1px solid currentColor; }
        .good { color: var(--green); } .bad { color: var(--red); } .open { color: var(--amber); }
        .plain { color: var(--soft); }
        .entry { border-left: 3px solid var(--blue); margin: 0 0 14px; padding: 2px 0 2px 14px; }
        .entry header { display: flex; gap: 12px; align-items: baseline; flex-wrap: wrap;
          break-after: avoid; }
        .entry header .when { color: var(--soft); white-space: nowrap; }
        .entry header .no { margin-left: auto; color: var(--soft); white-space: nowrap; }
        .entry dl { font-size: 13px; margin-top: 4px; }
        .withdrawn { border-color: var(--red); }
        .withdrawn .body, .withdrawn h3 { text-decoration: line-through;
          text-decoration-color: var(--red); color: var(--soft); }
        .mend { margin: 8px 0 4px; padding: 6px 12px; background: #fdf7e8;
          border: 1px solid #ecdcae; font-size: 13px; break-inside: avoid; }
        .withdrawn .mend { background: #fdf0ef; border-color: #efc9c6; }
        .mend table { margin: 4px 0 0; } .mend td:first-child { white-space: nowrap; }
        del { color: var(--red); } ins { text-decoration: none; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr));
          gap: 14px; margin: 0 0 8px; }
        .card { padding: 10px 14px; background: var(--wash);
          border: 1px solid var(--line); border-radius: 4px; }
        .card b { display: block; font-size: 24px; line-height: 1.3;
          font-variant-numeric: tabular-nums; }
        .card span { color: var(--soft); }
        svg { display: block; width: 100%; height: auto; margin: 0 0 8px; }
        svg text { font-size: 12px; fill: var(--ink); } svg .soft { fill: var(--soft); }
        footer { margin-top: 36px; padding-top: 10px; border-top: 1px solid var(--line);
          font-size: 12px; color: var(--soft); break-inside: avoid; }
        @media print { body { padding: 0; max-width: none; font-size: 10.5pt; }
          nav { display: none; } a { color: inherit; } .cards, svg { break-inside: avoid; } }
        """
}
