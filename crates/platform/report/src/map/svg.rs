//! The picture as a document.

use std::fmt::Write as _;

use askama::filters::Escaper as _;

use super::Map;
use super::card::{LINE, LineKind, MARGIN};
use super::layout::{Block, Curve, Drawing};
use crate::escape::Shown;

/// Colours of lines, by the group in which they begin: for light and for dark.
const TONES: [(&str, &str); 8] = [
    ("#1d5fa8", "#85bdf7"),
    ("#b0480c", "#ffa978"),
    ("#17693f", "#73d39c"),
    ("#8b2fa0", "#dba0ee"),
    ("#8a5a00", "#f0c25a"),
    ("#0b6e78", "#6fd3de"),
    ("#a4133c", "#ff8fab"),
    ("#4d5566", "#b3bcc9"),
];

const STYLE: &str = "svg{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--group:#eef1f5;--line:#cfd5de;--ink:#16191f;--quiet:#565e6c;\
--arrive:#1a56c4;background:var(--page)}\
@media(prefers-color-scheme:dark){svg{--page:#0f1217;--card:#1f242d;--group:#171b22;--line:#3a4250;--ink:#e8ebf0;--quiet:#a3acba;\
--arrive:#8ab8ff}}\
text{font:11px ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace;fill:var(--ink)}\
text.halo{paint-order:stroke;stroke:var(--group);stroke-width:4px;stroke-linejoin:round}\
.title{font-size:17px;font-weight:600}.quiet{fill:var(--quiet)}.head{font-weight:700}\
.arriving{fill:var(--arrive)}.among{fill:var(--quiet)}\
.group{fill:var(--group);stroke:var(--line)}.card{fill:var(--card);stroke:var(--line)}\
.way{fill:none;stroke-width:1.3;opacity:.75}.way:hover{stroke-width:3;opacity:1}";

pub(super) fn write(map: &Map, drawing: &Drawing) -> String {
    let mut out = String::new();
    let (width, height) = (drawing.width.ceil(), drawing.height.ceil());
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">{}</title>\n<style>{STYLE}",
        shown(&map.title)
    );
    for (index, (light, dark)) in TONES.iter().enumerate() {
        let _ = write!(out, ".t{index}{{stroke:{light}}}.m{index}{{fill:{light}}}");
        let _ = write!(
            out,
            "@media(prefers-color-scheme:dark){{.t{index}{{stroke:{dark}}}.m{index}{{fill:{dark}}}}}"
        );
    }
    out.push_str("</style>\n<defs>");
    for index in 0..TONES.len() {
        let _ = write!(
            out,
            "<marker id=\"a{index}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
             orient=\"auto\"><path class=\"m{index}\" d=\"M0 0L8 4L0 8z\"/></marker>"
        );
    }
    out.push_str("</defs>\n");
    let _ = writeln!(
        out,
        "<rect width=\"{width}\" height=\"{height}\" fill=\"var(--page)\"/>\n<text class=\"title\" x=\"26\" \
         y=\"34\">{}</text>",
        shown(&map.title)
    );
    for (index, remark) in drawing.remarks.iter().enumerate() {
        let y = 56.0 + LINE * number(index);
        let _ = writeln!(out, "<text class=\"quiet\" x=\"26\" y=\"{y}\">{}</text>", shown(remark));
    }
    for group in &drawing.groups {
        frame(&mut out, group, "group", 10);
    }
    for curve in &drawing.curves {
        way(&mut out, curve);
    }
    // Text stands above the lines, and lines show through nothing but the gaps between it.
    for group in &drawing.groups {
        texts(&mut out, group, "head");
    }
    for card in &drawing.cards {
        frame(&mut out, card, "card", 6);
        texts(&mut out, card, "name");
    }
    out.push_str("</svg>\n");
    out
}

fn frame(out: &mut String, block: &Block, class: &str, radius: u32) {
    let Block { x, y, width, height, .. } = block;
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius}\">"
    );
    if let Some(tooltip) = &block.tooltip {
        let _ = write!(out, "<title>{}</title>", shown(tooltip));
    }
    out.push_str("</rect>\n");
}

fn texts(out: &mut String, block: &Block, name: &str) {
    for (index, line) in block.lines.iter().enumerate() {
        let (x, y) = (block.x + MARGIN, block.y + MARGIN / 2.0 + LINE * (number(index) + 0.75));
        let class = match line.kind {
            LineKind::Name => name,
            LineKind::Arriving => "arriving",
            LineKind::Among => "among",
        };
        let halo = if name == "head" { " halo" } else { "" };
        let _ = write!(
            out,
            "<text class=\"{class}{halo}\" x=\"{x:.1}\" y=\"{y:.1}\">{}",
            shown(&line.text)
        );
        if let Some(whole) = &line.whole {
            let _ = write!(out, "<title>{}</title>", shown(whole));
        }
        out.push_str("</text>\n");
    }
}

fn number(index: usize) -> f64 {
    u32::try_from(index).map_or(0.0, f64::from)
}

fn way(out: &mut String, curve: &Curve) {
    let ((x1, y1), (x2, y2), (leave, arrive)) = (curve.from, curve.to, curve.pull);
    let tone = curve.group % TONES.len();
    let (c1, c2) = (x1 + leave, x2 + arrive);
    let _ = writeln!(
        out,
        "<path class=\"way t{tone}\" marker-end=\"url(#a{tone})\" d=\"M{x1:.1} {y1:.1}C{c1:.1} {y1:.1} {c2:.1} \
         {y2:.1} {x2:.1} {y2:.1}\"><title>{}</title></path>",
        shown(&curve.tooltip)
    );
}

fn shown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let _ = Shown.write_escaped_str(&mut escaped, text);
    escaped
}
