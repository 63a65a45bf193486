namespace ImagePipeline.Gallery;

/// <summary>The page's style sheet.</summary>
static class Style
{
    public const string Css = """
        :root { color-scheme: light dark; --ink: #1d2329; --soft: #66717c;
            --paper: #f5f4f1; --card: #fff; --line: #e2dfd9; --good: #2c7a4b; --bad: #b3472f; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --soft: #9aa4ad; --paper: #16191c; --card: #212529; --line: #343a40; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
        header { background: #22303c; color: #fff; padding: 2rem max(1rem, calc(50vw - 40rem)) 1.6rem; }
        h1 { margin: 0 0 .8rem; font-size: 1.7rem; font-weight: 600; }
        .totals { display: flex; flex-wrap: wrap; gap: .5rem 2rem; list-style: none; margin: 0; padding: 0; color: #b9c6d1; }
        .totals b { color: #fff; font-size: 1.35rem; margin-right: .2rem; }
        main { padding: 1rem max(1rem, calc(50vw - 40rem)) 4rem; }
        section { padding: 1.4rem 0; border-bottom: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 40rem; }
        h2 { margin: 0; font-size: 1.2rem; display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; overflow-wrap: anywhere; }
        .number, .facts, .none { color: var(--soft); font-weight: 400; }
        .number { font-size: .95rem; }
        .facts { margin: .2rem 0 .9rem; font-size: .87rem; }
        .badge { font-size: .75rem; font-weight: 600; padding: .12rem .6rem; border-radius: 1rem; color: #fff; background: var(--soft); }
        .good { background: var(--good); }
        .bad { background: var(--bad); }
        .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 44vw), 1fr)); gap: .9rem; }
        figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; }
        figure img { display: block; width: 100%; height: auto; aspect-ratio: 4 / 3; object-fit: contain; background: var(--line); }
        figcaption { padding: .5rem .7rem .6rem; font-size: .87rem; overflow-wrap: anywhere; }
        .note { display: inline-block; font-size: .72rem; color: var(--soft);
            border: 1px solid var(--line); border-radius: .3rem; padding: 0 .35rem; }
        .missing { border: 2px dashed var(--bad); min-height: 10rem; text-align: center;
            display: flex; align-items: center; justify-content: center; }
        .missing b { color: var(--bad); }
        .missing small { color: var(--soft); }
        """;
}
