//! The sponsors above a payer, each with a bar as long as the share is large.

use banyan_types::Bps;

use super::super::Path;
use super::svg::{Anchor, Drawing, Place, Tone, fitting};
use crate::Plan;

const WIDTH: i32 = 920;
const MARGIN: i32 = 24;
/// Height of title and subtitle.
const HEAD: i32 = 96;
/// Height of a box, and from box to box.
const BOX: (i32, i32) = (34, 48);
/// Width of the boxes that name somebody.
const NAME: i32 = 180;
/// Where bars begin, and the length of the longest.
const BARS: (i32, i32) = (MARGIN + NAME + 24, 380);

/// The path as SVG: the farthest sponsor on top, the payer at the foot.
pub(in super::super) fn path(plan: &Plan, path: &Path) -> String {
    let rows = path.links.len() as i32 + 2;
    let title = format!("{}: {}", plan.name(), path.payment);
    let subtitle = format!(
        "What it brings the sponsors above, in {}, when all of them are eligible",
        plan.currency().symbol
    );
    let mut drawing = Drawing::new(WIDTH, HEAD + rows * BOX.1 + MARGIN, &title, &subtitle);
    let top = |row: i32| HEAD + row * BOX.1;
    let middle = MARGIN + NAME / 2;
    drawing.line((middle, top(0) + BOX.0), (middle, top(rows - 1)));
    let highest = path.links.iter().map(|link| link.share).max().unwrap_or(Bps::WHOLE);
    name(&mut drawing, top(0), Tone::Owner, "the company");
    amount(&mut drawing, top(0), BARS.0, &format!("keeps {}", path.company));
    for (link, depth) in path.links.iter().zip(1..) {
        let row = rows - 1 - depth;
        name(&mut drawing, top(row), Tone::Payable, &format!("sponsor {depth}"));
        let length = bar(link.share, highest);
        drawing
            .rect(Place { left: BARS.0, top: top(row) + 4, width: length, height: BOX.0 - 8 }, Tone::Payable);
        amount(&mut drawing, top(row), BARS.0 + length + 12, &format!("{} · {}", link.share, link.amount));
    }
    name(&mut drawing, top(rows - 1), Tone::Owner, "who pays");
    drawing.finish()
}

fn bar(share: Bps, highest: Bps) -> i32 {
    let highest = i32::from(highest.get()).max(1);
    (i32::from(share.get()) * BARS.1 / highest).max(2)
}

fn name(drawing: &mut Drawing, top: i32, tone: Tone, text: &str) {
    drawing.rect(Place { left: MARGIN, top, width: NAME, height: BOX.0 }, tone);
    drawing.text((MARGIN + NAME / 2, top + 22), 15, Anchor::Middle, Tone::Ink, text);
}

/// Words to the right, no wider than the sheet leaves them.
fn amount(drawing: &mut Drawing, top: i32, left: i32, text: &str) {
    let size = fitting(text, WIDTH - MARGIN - left, 16);
    drawing.text((left, top + 23), size, Anchor::Start, Tone::Ink, text);
}
