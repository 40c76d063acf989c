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

/// The look of what stands below `SCOPE`: the picture's root by itself, a class of it in a page.
const STYLE: &str = "SCOPE{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--group:#eef1f5;--line:#cfd5de;--ink:#16191f;--quiet:#565e6c;\
--arrive:#1a56c4;background:var(--page)}\
@media(prefers-color-scheme:dark){SCOPE{--page:#0f1217;--card:#1f242d;--group:#171b22;--line:#3a4250;--ink:#e8ebf0;--quiet:#a3acba;\
--arrive:#8ab8ff}}\
SCOPE text{font:11px ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace;fill:var(--ink)}\
SCOPE text.halo{paint-order:stroke;stroke:var(--group);stroke-width:4px;stroke-linejoin:round}\
SCOPE .title{font-size:17px;font-weight:600}SCOPE .quiet{fill:var(--quiet)}SCOPE .head{font-weight:700}\
SCOPE .arriving{fill:var(--arrive)}SCOPE .among{fill:var(--quiet)}\
SCOPE .group{fill:var(--group);stroke:var(--line)}SCOPE .card{fill:var(--card);stroke:var(--line)}\
SCOPE .way{fill:none;stroke-width:1.3;opacity:.75}SCOPE .way:hover{stroke-width:3;opacity:1}";

/// The class of a picture in a page.
const CLASS: &str = "map";

/// The look of all pictures in a page.
pub(super) fn style_of_page() -> String {
    style(&format!(".{CLASS}"))
}

fn style(scope: &str) -> String {
    let mut style = STYLE.replace("SCOPE", scope);
    for (index, (light, dark)) in TONES.iter().enumerate() {
        let _ = write!(
            style,
            "{scope} .t{index}{{stroke:{light}}}{scope} .m{index}{{fill:{light}}}\
             @media(prefers-color-scheme:dark){{{scope} .t{index}{{stroke:{dark}}}{scope} .m{index}{{fill:{dark}}}}}"
        );
    }
    style
}

/// The picture as a document.
pub(super) fn document(map: &Map, drawing: &Drawing) -> String {
    let mut out = String::new();
    let (width, height) = (drawing.width.ceil(), drawing.height.ceil());
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">{}</title>\n<style>{}</style>\n",
        shown(&map.title),
        style("svg")
    );
    picture(&mut out, map, drawing, "a");
    out
}

/// The picture as a part of a page, which has [`style_of_page`]. `number` tells it apart from others.
pub(super) fn part(map: &Map, drawing: &Drawing, number: usize) -> String {
    let mut out = String::new();
    let (width, height) = (drawing.width.ceil(), drawing.height.ceil());
    let _ = writeln!(
        out,
        "<svg class=\"{CLASS}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"{}\">",
        shown(&map.title),
    );
    picture(&mut out, map, drawing, &format!("map{number}-a"));
    out
}

/// Everything between the tags of the root, and its end. `arrow` begins the names of the arrows.
fn picture(out: &mut String, map: &Map, drawing: &Drawing, arrow: &str) {
    let (width, height) = (drawing.width.ceil(), drawing.height.ceil());
    out.push_str("<defs>");
    for index in 0..TONES.len() {
        let _ = write!(
            out,
            "<marker id=\"{arrow}{index}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
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
        frame(out, group, "group", 10);
    }
    for curve in &drawing.curves {
        way(out, curve, arrow);
    }
    // Text stands above the lines, and lines show through nothing but the gaps between it.
    for group in &drawing.groups {
        texts(out, group, "head");
    }
    for card in &drawing.cards {
        frame(out, card, "card", 6);
        texts(out, card, "name");
    }
    out.push_str("</svg>\n");
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

fn way(out: &mut String, curve: &Curve, arrow: &str) {
    let ((x1, y1), (x2, y2), (leave, arrive)) = (curve.from, curve.to, curve.pull);
    let tone = curve.group % TONES.len();
    let (c1, c2) = (x1 + leave, x2 + arrive);
    let _ = writeln!(
        out,
        "<path class=\"way t{tone}\" marker-end=\"url(#{arrow}{tone})\" d=\"M{x1:.1} {y1:.1}C{c1:.1} {y1:.1} {c2:.1} \
         {y2:.1} {x2:.1} {y2:.1}\"><title>{}</title></path>",
        shown(&curve.tooltip)
    );
}

fn shown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let _ = Shown.write_escaped_str(&mut escaped, text);
    escaped
}
