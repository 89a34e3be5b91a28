//! Pictures: one SVG file without scripts, fonts or links, readable on light and on dark ground.

use std::fmt::Write;

mod page;
mod product;
#[cfg(test)]
pub mod tests;

pub use page::{below_title, page};
pub use product::{names, product};

/// Colours by name, so that one rule turns them for dark ground.
const STYLE: &str = "\
  .lineage { --ground: #ffffff; --ink: #1f2328; --faint: #59636e; --rule: #e3e7eb; --bar: #8c959f;
    --sure: #1a7f37; --hash: #0969da; --doubt: #bc6c00; --bad: #cf222e; }
  @media (prefers-color-scheme: dark) {
    .lineage { --ground: #0d1117; --ink: #e6edf3; --faint: #9198a1; --rule: #262c34; --bar: #656c76;
      --sure: #3fb950; --hash: #58a6ff; --doubt: #e3a13a; --bad: #f85149; }
  }
  .lineage text { font: 11px system-ui, 'Segoe UI', 'Liberation Sans', sans-serif;
    fill: var(--ink); }
  .lineage .mono { font-family: ui-monospace, 'Liberation Mono', monospace;
    font-size: 10.5px; }
  .lineage .title { font-size: 18px; font-weight: 600; }
  .lineage .head { font-size: 13px; font-weight: 600; }
  .lineage .name { font-size: 13px; }
  .lineage .halo { paint-order: stroke; stroke: var(--ground); stroke-width: 3px;
    stroke-linejoin: round; }
  .lineage .faint { fill: var(--faint); }
  .lineage .said { fill: var(--doubt); }
  .lineage .ground { fill: var(--ground); }
  .lineage .rule { stroke: var(--rule); }
  .lineage .hair { stroke: var(--bar); stroke-dasharray: 1 3; }
  .lineage .bar { stroke: var(--bar); stroke-width: 5; stroke-linecap: butt; }
  .lineage .now { stroke: var(--sure); stroke-width: 5; }
  .lineage .track { stroke: var(--rule); stroke-width: 5; }
  .lineage .left-out { stroke: var(--bar); stroke-width: 2; stroke-dasharray: 2 4; }
  .lineage .dot { fill: var(--ink); stroke: var(--ground); stroke-width: 1.5; }
  .lineage .open { fill: var(--ground); stroke: var(--faint); stroke-width: 1.5;
    stroke-dasharray: 2.5 2; }
  .lineage .side { fill: var(--ground); stroke: var(--faint); stroke-width: 1.5; }
  .lineage .ring { fill: none; stroke: var(--ink); stroke-width: 1.2; }
  .lineage .pill { fill: var(--ground); stroke: var(--bar); }
  .lineage .edge { fill: none; stroke-width: 1.4; }
  .lineage .sure { stroke: var(--sure); }
  .lineage .hash { stroke: var(--hash); }
  .lineage .doubt { stroke: var(--doubt); stroke-dasharray: 5 3; }
  .lineage .bad { stroke: var(--bad); stroke-dasharray: 1.5 3; }
  .lineage .official { fill: var(--hash); }
  .lineage .other { fill: var(--bar); }
  .lineage .seen { stroke: var(--doubt); stroke-width: 2; stroke-dasharray: 3 2; }
  .lineage .bound { stroke: var(--doubt); stroke-width: 1.5; }
  .lineage .badge { fill: var(--ink); }
  .lineage .on-badge { fill: var(--ground); font-weight: 600; font-size: 10px;
    text-anchor: middle; }
  .lineage .middle { text-anchor: middle; }
";

/// Where what stands below the titles begins.
const BELOW_TITLE: f64 = 62.0;

/// What is drawn so far.
#[derive(Default)]
struct Canvas {
    body: String,
}

impl Canvas {
    fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let _ = writeln!(
            self.body,
            r#"  <line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#
        );
    }

    fn text(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        let text = escaped(text);
        let _ =
            writeln!(self.body, r#"  <text class="{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#);
    }

    /// A text that runs up or down from where it begins.
    fn slanted(&mut self, class: &str, (x, y): (f64, f64), angle: f64, text: &str) {
        let text = escaped(text);
        let _ = writeln!(
            self.body,
            r#"  <text class="{class}" transform="translate({x:.1} {y:.1}) rotate({angle})">{text}</text>"#
        );
    }

    /// A figure with a tip that shows on pointing at it.
    fn figure(&mut self, figure: &str, tip: &str) {
        let tip = escaped(tip);
        let _ = writeln!(self.body, "  <g>{figure}<title>{tip}</title></g>");
    }

    fn finish(self, name: &str, width: f64, height: f64) -> String {
        self.finish_from(0.0, name, width, height)
    }

    /// What stands higher up is left out.
    fn finish_from(self, top: f64, name: &str, width: f64, bottom: f64) -> String {
        let height = bottom - top;
        let begin = if top > 0.0 { format!(" y=\"{top:.0}\"") } else { String::new() };
        let name = escaped(name);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lineage\" role=\"img\" \
             width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 {top:.0} {width:.0} {height:.0}\">\n\
             <title>{name}</title>\n<style>\n{STYLE}</style>\n\
             <rect class=\"ground\"{begin} width=\"100%\" height=\"100%\"/>\n{}</svg>\n",
            self.body
        )
    }
}

/// A little more than a text takes in the fonts there are.
fn width(class: &str, text: &str) -> f64 {
    let letters = console::measure_text_width(text) as f64;
    let each = if class.contains("title") {
        10.2
    } else if class.contains("name") || class.contains("head") {
        7.4
    } else {
        6.4
    };
    letters * each
}

fn escaped(text: &str) -> String {
    let plain = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // What XML has no place for.
    plain.chars().filter(|letter| !letter.is_control() || letter.is_whitespace()).collect()
}
